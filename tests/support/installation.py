"""An installation that can be killed: a database with fsync on, filled past the product, and its commands."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.support.databases.postgres import Cluster, stop, throwaway_cluster
from tests.support.databases.ready import copy_database, made_once, migrated_file, wait_until_migrated
from tests.support.fakes.external_system import thirds
from tests.support.managepy import Nursery, nursery
from tests.support.patience import PATIENCE
from tests.support.server import server_environment

BOSS = "boss@example.com"  # asks and signs in; the others only stand in tickets
PEOPLE = f"""
from tests.support.factories import PASSWORD, person
person("ASSOCIATE", email="author@example.com")
person("MANAGER", email="reviewer@example.com")
person("MANAGER", email="{BOSS}", password=PASSWORD)
"""
TICKET = """
INSERT INTO tickets_ticket (id, ticket_number, year, sequence, title, description, due_date, severity, status,
    created_by_id, reviewed_by_id, created_at, updated_at, version)
SELECT ?, ?, 2025, ?, 'Printer', 'It does not print.', '2026-12-24 09:30:00', 'MEDIUM', 'PENDING',
    author.id, reviewer.id, '2025-01-01 00:00:00', '2025-01-01 00:00:00', 2
FROM accounts_user AS author, accounts_user AS reviewer
WHERE author.email = 'author@example.com' AND reviewer.email = 'reviewer@example.com'
"""


@dataclass
class Installation:
    """`cluster` is None on SQLite. All tickets begin as PENDING; nothing but cycles moves them."""

    url: str
    environment: dict[str, str]
    folder: Path
    cluster: Cluster | None
    tickets: int = 0

    def commands(self, **variables: str) -> contextlib.AbstractContextManager[Nursery]:
        return nursery({**self.environment, **variables}, self.folder)

    def connect(self) -> Any:
        """A connection past the product, which commits by itself."""
        if self.cluster:
            return psycopg.connect(self.cluster.url(), autocommit=True)
        return sqlite3.connect(self.folder / "desk.sqlite3", timeout=PATIENCE, isolation_level=None)

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with closing(self.connect()) as connection:
            return list(connection.execute(query, parameters).fetchall())

    def add_tickets(self, count: int) -> None:
        numbers = range(self.tickets + 1, self.tickets + count + 1)
        self.tickets += count
        keys = [uuid.uuid4() for _ in numbers]
        values = [
            (key if self.cluster else key.hex, f"TKT-2025-{number:06d}", number)
            for key, number in zip(keys, numbers, strict=True)
        ]
        with closing(self.connect()) as connection:
            connection.execute("BEGIN")
            statement = TICKET.replace("?", "%s") if self.cluster else TICKET
            connection.cursor().executemany(statement, values)
            connection.execute("COMMIT")

    def statuses(self) -> dict[str, str]:
        return {str(uuid.UUID(str(key))): status for key, status in self.rows("SELECT id, status FROM tickets_ticket")}

    def entries(self) -> list[tuple[str, str, str]]:
        """Ticket, from and to of each entry that an import has written."""
        found = self.rows(
            "SELECT ticket_id, from_status, to_status FROM tickets_historyentry WHERE action = 'imported'"
        )
        return sorted((str(uuid.UUID(str(key))), before, after) for key, before, after in found)

    def cycles(self) -> list[str]:
        """Their states, oldest first."""
        return [
            state for [state] in self.rows("SELECT state FROM csvsync_run WHERE kind = 'CYCLE' ORDER BY started_at")
        ]


def after_one_pass(before: dict[str, str]) -> dict[str, str]:
    """The status into which one complete pass of the simulated external system puts each ticket."""
    return {**before, **thirds([key for key, status in before.items() if status == "PENDING"])}


def assert_one_entry_each(installation: Installation) -> None:
    """Each ticket that has left PENDING has exactly one entry for that, and no other ticket has any."""
    moved = [(key, "PENDING", status) for key, status in installation.statuses().items() if status != "PENDING"]
    assert installation.entries() == sorted(moved)


@contextlib.contextmanager
def installation(vendor: str, folder: Path) -> Iterator[Installation]:
    ready = made_once(f"installation-{vendor}", _on_postgresql if vendor == "postgresql" else _in_a_file)
    with contextlib.ExitStack() as stack:
        if vendor == "postgresql":
            cluster = stack.enter_context(throwaway_cluster(fsync=True, copy_of=ready))
            url = cluster.url()
        else:
            cluster, url = None, f"sqlite:///{folder}/desk.sqlite3"
            copy_database(ready, folder / "desk.sqlite3")
        environment = server_environment(
            url, CSV_STORAGE=str(folder / "files"), DJANGO_SETTINGS_MODULE="config.settings"
        )
        yield Installation(url, environment, folder, cluster)


def _on_postgresql(place: Path) -> None:
    with throwaway_cluster() as cluster:
        _set_up(cluster.url(), place)
        stop(cluster.process)
        copy_database(cluster.folder / "data", place)


def _in_a_file(place: Path) -> None:
    unfinished = place.with_suffix(".unfinished")
    wait_until_migrated()
    copy_database(migrated_file(), unfinished)
    _set_up(f"sqlite:///{unfinished}", place)
    unfinished.rename(place)


def _set_up(url: str, place: Path) -> None:
    environment = server_environment(url, DJANGO_SETTINGS_MODULE="config.settings")
    with nursery(environment, place.parent) as manage:
        for command in (["migrate", "--verbosity=0"], ["shell", "--no-imports", "--command", PEOPLE]):
            code, _out, log = manage.run(*command)
            assert code == 0, log


def an_installation() -> Any:
    """A fixture for a module: an installation on the database that this run is about."""

    @pytest.fixture(scope="module")
    def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
        vendor = "sqlite" if _on_sqlite() else "postgresql"
        with installation(vendor, tmp_path_factory.mktemp("installation")) as made:
            yield made

    return made


def an_installation_on_postgresql(prepare: Callable[[Installation], object]) -> Any:
    """A fixture for a module about a server of the database: an installation that has been prepared.

    It is None on SQLite, which has no server that could be pooled, restarted or go away.
    """

    @pytest.fixture(scope="module")
    def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation | None]:
        if _on_sqlite():
            yield None
            return
        with installation("postgresql", tmp_path_factory.mktemp("installation")) as made:
            prepare(made)
            yield made

    return made


def _on_sqlite() -> bool:
    return "sqlite3" in settings.DATABASES["default"]["ENGINE"]


def kill_postmaster(installed: Installation) -> None:
    """Kill PostgreSQL with its children, as a failure of the machine would, and start it again."""
    assert installed.cluster
    installed.cluster.kill()
    time.sleep(0.5)  # so that some ask while it is away
    installed.cluster.start_again()
