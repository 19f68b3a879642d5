"""Reading the whole database as it is at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

# Of this transaction alone, as a pooler needs it.
_ON_POSTGRESQL = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_FIRST_READ = "SELECT 1 FROM sqlite_master"


# Takes the name by which other processes can come to see the same.
type Share = Callable[[str], None]


@contextmanager
def snapshot(share: Share | None = None) -> Iterator[None]:
    """A transaction in which every query sees the same state and nobody waits for anybody.

    Where a transaction is open already it is only a part of that one, and sees what that one sees.

    `share` is called with a name before anything else is asked, and has to see to it that other processes are in
    `joined` of that name before it returns. It is not called where the state cannot be shared: inside of another
    transaction, and on SQLite where somebody goes on writing, or nobody can.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            _execute(_ON_POSTGRESQL)
            if share:
                share(_execute("SELECT pg_export_snapshot()"))
            yield
    else:
        with _deferred(connection), transaction.atomic():
            _begin_to_read(share)
            yield


@contextmanager
def joined(name: str) -> Iterator[None]:
    """A transaction that sees the same as the one that another process shares by this name."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            _execute(_ON_POSTGRESQL)
            _execute("SET TRANSACTION SNAPSHOT %s", [name])
            yield
    else:
        with snapshot():
            yield


def _begin_to_read(share: Share | None) -> None:
    """The first read of a transaction is what fixes its state on SQLite. The file knows no names for states: others
    see the same where nobody writes until they have read as well."""
    if share is None:
        _execute(_FIRST_READ)
        return
    with _writers_held_up() as held_up:
        _execute(_FIRST_READ)
        if held_up:
            share("")


@contextmanager
def _writers_held_up() -> Iterator[bool]:
    """Nobody writes inside, if that can be had: somebody may be writing for long, or the file be one to read only.

    It takes a connection of its own, since a transaction that gives back the lock is over.
    """
    lock = connection.copy()
    try:
        try:
            with lock.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
            held_up = True
        except OperationalError:
            held_up = False
        yield held_up
    finally:
        lock.close()


@contextmanager
def _deferred(sqlite: Any) -> Iterator[None]:
    """Has the transaction that begins inside take no lock for writing, as all others do from their beginning."""
    sqlite.ensure_connection()  # which sets the usual mode
    usual = sqlite.transaction_mode
    sqlite.transaction_mode = "DEFERRED"
    try:
        yield
    finally:
        sqlite.transaction_mode = usual


def _execute(statement: str, parameters: Sequence[Any] = ()) -> Any:
    """What stands first in the first row of the answer, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]
