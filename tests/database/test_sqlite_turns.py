"""SQLite has one lock for writing and no queue for it: who has waited long asks oftener than who has just come."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import accumulate
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from config.database import sqlite3 as backend
from config.database.availability import require_writable, unavailability_of
from config.database.lock_wait import short_lock_wait
from config.database.snapshot import snapshot
from config.database.sqlite3 import waiting
from config.errors import DatabaseUnavailable

pytestmark = pytest.mark.no_database


class Clock:
    """Time that passes only while somebody pauses; `meanwhile` is what happens in the pause of that number."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.meanwhile: dict[int, Callable[[], object]] = {}

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0.001, "so short a pause is none"
        self.pauses.append(seconds)
        self.now += seconds
        self.meanwhile.get(len(self.pauses), lambda: None)()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(waiting, "time", clock)
    return clock


@pytest.fixture
def desk(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """The file to which the product's own connection leads during the test; it has a table `note` with three rows."""
    usual = connections["default"]
    own = usual.copy()
    own.settings_dict["NAME"] = file = tmp_path / "desk.sqlite3"
    connections["default"] = own
    with django_db_blocker.unblock():
        execute("CREATE TABLE django_migrations (name TEXT)")  # on which it is tried whether one can write
        execute("CREATE TABLE note (text TEXT)")
        execute("INSERT INTO note VALUES ('one'), ('two'), ('three')")
        yield file
        own.close()
    connections["default"] = usual


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def texts() -> list[str]:
    with connection.cursor() as cursor:
        return [text for [text] in cursor.execute("SELECT text FROM note ORDER BY rowid").fetchall()]


@contextmanager
def somebody_writes(file: Path) -> Iterator[sqlite3.Connection]:
    """Another connection past the product, which holds the lock until it commits, or to the end of the block."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@contextmanager
def refused() -> Iterator[pytest.ExceptionInfo[OperationalError]]:
    with pytest.raises(OperationalError, match=r"^database is locked$") as error:
        yield error


def a_transaction() -> AbstractContextManager[object]:
    return transaction.atomic()


def test_the_product_connects_by_this_backend() -> None:
    assert type(connections["default"]).__module__ == f"{backend.__name__}.base"


def test_who_has_waited_longer_asks_oftener(desk: Path, clock: Clock) -> None:
    with somebody_writes(desk), refused(), transaction.atomic():
        pass
    *pauses, _the_rest = clock.pauses
    assert pauses[0] == 0.010
    assert pauses[-1] == 0.001
    assert pauses == sorted(pauses, reverse=True)
    asked = Counter(int(moment) for moment in accumulate(pauses))
    # In the first second of waiting, the second and so on.
    assert [asked[second] for second in range(5)] == pytest.approx([300, 700, 990, 1000, 1000], abs=10)


@pytest.mark.parametrize(
    ("begin", "seconds", "first"),
    [
        (a_transaction, 5, 0.010),
        (lambda: short_lock_wait(300), 0.3, 0.010),
        (lambda: short_lock_wait(40), 0.04, 0.005),
        (lambda: short_lock_wait(0), 0, None),
    ],
)
def test_in_the_end_comes_the_error_of_sqlite(
    desk: Path, clock: Clock, begin: Callable[[], AbstractContextManager[object]], seconds: float, first: float | None
) -> None:
    """After five seconds, or when a shorter wait is over. The connection is as before, and gets the lock once free."""
    with somebody_writes(desk):
        with refused() as error, begin():
            pass
        assert isinstance(error.value.__cause__, sqlite3.OperationalError)
        assert error.value.__cause__.sqlite_errorcode == sqlite3.SQLITE_BUSY
        assert isinstance(unavailability_of(error.value), DatabaseUnavailable)
        assert sum(clock.pauses) == pytest.approx(seconds, abs=0.002)  # the last one may be a little too long
        assert next(iter(clock.pauses), None) == first
    waited = len(clock.pauses)
    with begin():
        execute("INSERT INTO note VALUES ('four')")
    assert texts() == ["one", "two", "three", "four"]
    assert len(clock.pauses) == waited
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (5000,)


def test_the_lock_is_had_once_it_is_free(desk: Path, clock: Clock) -> None:
    with somebody_writes(desk) as other, CaptureQueriesContext(connection) as queries:
        clock.meanwhile = {3: lambda: other.execute("COMMIT")}
        with transaction.atomic():
            execute("INSERT INTO note VALUES ('four')")
    assert len(clock.pauses) == 3
    assert [query["sql"] for query in queries] == ["BEGIN IMMEDIATE", "INSERT INTO note VALUES ('four')", "COMMIT"]
    assert texts() == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("statement", "after"),
    [
        ("INSERT INTO note VALUES ('four')", ["one", "two", "three", "four"]),
        ("\nUPDATE note SET text = 'x' WHERE text = 'two'", ["one", "x", "three"]),
        ("DELETE FROM note WHERE text = 'two'", ["one", "three"]),
    ],
)
def test_what_is_written_outside_of_a_transaction_waits_alike(
    desk: Path, clock: Clock, statement: str, after: list[str]
) -> None:
    with somebody_writes(desk) as other:
        clock.meanwhile = {3: lambda: other.execute("COMMIT")}
        execute(statement)
    assert len(clock.pauses) == 3
    assert texts() == after


def test_a_statement_that_is_wrong_is_not_tried_again(desk: Path, clock: Clock) -> None:
    with pytest.raises(DatabaseError, match="no such table"):
        execute("INSERT INTO nowhere VALUES (1)")
    assert clock.pauses == []


def test_who_has_the_lock_does_not_wait_for_it(desk: Path, clock: Clock) -> None:
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        execute("INSERT INTO note VALUES ('four')")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            execute("DELETE FROM note")
            raise ZeroDivisionError
        with short_lock_wait():
            execute("INSERT INTO note VALUES ('five')")
    assert [query["sql"].split()[0] for query in queries] == [
        "BEGIN", "INSERT", "SAVEPOINT", "DELETE", "ROLLBACK", "RELEASE", "SAVEPOINT", "INSERT", "RELEASE", "COMMIT",
    ]  # fmt: skip
    assert texts() == ["one", "two", "three", "four", "five"]
    assert clock.pauses == []


def test_a_snapshot_neither_takes_the_lock_nor_waits_for_it(desk: Path, clock: Clock) -> None:
    with somebody_writes(desk) as other:
        other.execute("INSERT INTO note VALUES ('four')")
        with snapshot():
            assert texts() == ["one", "two", "three"]
            other.execute("COMMIT")
            assert texts() == ["one", "two", "three"]
            other.execute("BEGIN IMMEDIATE")  # which is free, whoever reads
        assert clock.pauses == []
        with refused(), transaction.atomic():  # which takes it again
            pass


def test_that_another_writes_is_told_at_once_to_who_only_asks_whether_one_can(desk: Path, clock: Clock) -> None:
    with somebody_writes(desk):
        require_writable()
    assert clock.pauses == []


def test_who_reads_what_others_have_changed_does_not_wait_in_vain(desk: Path, clock: Clock) -> None:
    """The lock is free, but not for this connection, as long as it reads."""
    with connection.cursor() as reading:
        reading.execute("SELECT text FROM note")
        with somebody_writes(desk) as other:
            other.execute("INSERT INTO note VALUES ('four')")
            other.execute("COMMIT")
        with refused() as error, transaction.atomic():
            pass
    assert isinstance(error.value.__cause__, sqlite3.OperationalError)
    assert error.value.__cause__.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT
    assert clock.pauses == []
