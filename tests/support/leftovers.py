"""What outlives its test: a session in the database, a process, a thread. The test that leaves it fails, by name.

Nothing is forgiven for being harmless here: a session that is left keeps its locks and stands in the way of whoever
empties or drops the database, which may be a test much later that has nothing to do with it.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import psycopg
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from tests.support.processes import command_of

# How long what a test has stopped may take to end: the server notices the end of a session a little later.
SECONDS = 30.0
SESSIONS = """
SELECT pid, application_name, state, wait_event_type, left(query, 200) FROM pg_stat_activity
WHERE datname = %s AND backend_type = 'client backend' AND application_name <> %s
"""


def own_name() -> str:
    """What the sessions of this process are called by the server, as `conftest.py` has set it."""
    return f"tests {os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def ask_server(statement: str, *parameters: str | int) -> list[tuple[object, ...]]:
    """Beside Django's connections, from another database of the same server."""
    params = {**connection.get_connection_params(), "dbname": "postgres"}
    words = {name: value for name, value in params.items() if name in ("host", "port", "user", "password", "dbname")}
    with closing(psycopg.connect(**words, autocommit=True)) as other:
        return list(other.execute(statement, parameters).fetchall())


def foreign_sessions() -> list[str]:
    """Those of other processes in the database of the tests."""
    rows = ask_server(SESSIONS, str(connection.settings_dict["NAME"]), own_name())
    return [f"session {pid} of {name!r}, {state}, waits for {what}: {query}" for pid, name, state, what, query in rows]


def borrowed() -> int:
    """How many connections of this process's pool threads have taken, the main thread's left out."""
    pools = DatabaseWrapper._connection_pools  # type: ignore[attr-defined]  # not in the stubs
    if connection.alias not in pools:
        return 0
    figures = pools[connection.alias].get_stats()
    taken: int = figures["pool_size"] - figures["pool_available"] - (connection.connection is not None)
    return taken


def threads() -> set[threading.Thread]:
    """All but those of the pool of connections, and those that hash: they are kept for the next who needs them."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith(("pool-", "hashing"))}


def processes() -> dict[int, str]:
    """Those that any thread of this one has started, each with its words."""
    tasks = os.listdir("/proc/self/task")  # noqa: PTH208  # asked twice a test, and a path for each takes as long again
    return {
        int(pid): command_of(int(pid)) for task in tasks for pid in read(f"/proc/self/task/{task}/children").split()
    }


def new_processes(before: dict[int, str]) -> list[str]:
    """The words of those that have come since; one that was started again in place of another is not new."""
    now = processes()
    come = Counter(words for pid, words in now.items() if pid not in before)
    gone = Counter(words for pid, words in before.items() if pid not in now)
    return list((come - gone).elements())


def read(path: str) -> str:
    try:
        with open(path) as file:  # noqa: PTH123  # as above
            return file.read()
    except OSError:  # the thread has ended
        return ""


class Watch:
    """Looks at what there is when a test begins, and at what there is besides when it has ended."""

    def __init__(self, *, sessions: bool) -> None:
        self.sessions = sessions
        self.threads, self.processes = threads(), processes()
        self.borrowed = borrowed() if sessions else 0

    def left(self) -> list[str]:
        found = [f"process {words}" for words in new_processes(self.processes)]
        found += [f"thread {thread.name}" for thread in threads() - self.threads]
        return found + (foreign_sessions() + self.kept_connections() if self.sessions else [])

    def kept_connections(self) -> list[str]:
        if (more := borrowed() - self.borrowed) <= 0:
            return []
        own = "SELECT state, left(query, 200) FROM pg_stat_activity WHERE datname = %s AND application_name = %s"
        asked = ask_server(own, str(connection.settings_dict["NAME"]), own_name())
        return [f"{more} connections of threads that did not close theirs; last asked on all of them: {asked}"]

    def left_after_a_while(self) -> list[str]:
        return after_a_while(self.left)


def after_a_while(look: Callable[[], list[str]]) -> list[str]:
    """What is still there when it had time to end."""
    end = time.monotonic() + SECONDS
    while (found := look()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def end_sessions() -> None:
    """End the sessions of the tests' database, so that what one test has left does not fail all that follow."""
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND application_name <> %s"
    ask_server(statement, str(connection.settings_dict["NAME"]), own_name())
