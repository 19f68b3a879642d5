"""The desk as it was: databases of old states, made once in a run, of which a test gets a copy in place of its own.

Going back to them by undoing migrations takes some seconds of the processor, and more with each migration that comes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.graph import MigrationGraph

from tests.support.databases import ready
from tests.support.databases.rendering import Executor

# What was the newest then, the oldest state first. Each holds back what the later ones hold back as well. Everything
# else is as new as it can be: whatever does not depend on what is held back.
STATES: dict[str, list[tuple[str, str]]] = {
    "before_texts_are_folded_anew": [("tickets", "0010_search_folding")],
    "before_events": [("tickets", "0012_read_marks")],
    "before_one_table_of_keys": [("tickets", "0016_saved_view"), ("csvsync", "0006_dry_runs")],
    "before_hashes": [("tickets", "0018_no_submissions")],
    "before_events_of_attachments": [("tickets", "0032_uploads")],
    "before_told_of_what_is_done": [("tickets", "0036_told")],
}


@contextmanager
def desk(state: str) -> Iterator[None]:
    """The test's database is as it was in this state, and empty; afterwards it is as migrated as before, and empty.

    For a test in no transaction. On a server of somebody else's the database is migrated there and back.
    """
    has_copies = ready.wait_until_migrated()
    if has_copies:
        _become(state)
    else:
        Executor(connection).migrate(_newest_of(state))
    try:
        yield
    finally:
        if has_copies:
            _become(ready.MIGRATED)
        else:
            migrate()


def migrate(*newest: tuple[str, str]) -> None:
    """The test's database, forwards or backwards, until these are the newest of their apps; without any, all are."""
    executor = Executor(connection)
    executor.migrate(list(newest) or executor.loader.graph.leaf_nodes())


def models() -> Any:
    """The models as the test's database has them now, for `get_model`."""
    return Executor(connection).present_state().apps


def make_states(executor: Executor) -> Any:
    """Migrate an empty database until it is in the newest of the states, and keep a copy of it in each; that state."""
    reached = None
    for state in STATES:
        reached = executor.migrate(_targets(executor.loader.graph, state), state=reached)
        executor.loader.build_graph()
        _copy(ready.MIGRATED, state)
    return reached


def _newest_of(state: str) -> list[tuple[str, str]]:
    """What is held back comes after these."""
    states = list(STATES)
    later = [newest for name in states[states.index(state) :] for newest in STATES[name]]
    return list({app: (app, name) for app, name in reversed(later)}.values())


def _targets(graph: MigrationGraph, state: str) -> list[Any]:
    """The last migrations of what is not held back."""
    back: set[Any] = set()
    for newest in _newest_of(state):
        for child in graph.node_map[newest].children:
            if child.key[0] == newest[0]:
                back.update(graph.backwards_plan(child.key))
    left = set(graph.nodes) - back
    return sorted(key for key in left if not {child.key for child in graph.node_map[key].children} & left)


def _become(name: str) -> None:
    """Put a copy in place of the test's database. No other process may have a session in it."""
    connection.close()
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        for rest in ("-wal", "-shm"):
            file.with_name(file.name + rest).unlink(missing_ok=True)
        ready.copy_database(_file(name), file)
    else:
        _copy(name, str(connection.settings_dict["NAME"]))


def _copy(source: str, target: str) -> None:
    """Make or replace one of the databases of the run."""
    connection.close()
    if connection.vendor == "sqlite":
        ready.copy_database(_file(source), _file(target))
        return
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def _file(name: str) -> Path:
    return Path(os.environ[ready.FOLDER], f"{name}.sqlite3")
