"""Reading the whole database as it is at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

# Of this transaction alone, as a pooler needs it.
_ON_POSTGRESQL = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction in which every query sees the same state and nobody waits for anybody.

    Where a transaction is open already it is only a part of that one, and sees what that one sees.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            _execute(_ON_POSTGRESQL)
            yield
    else:
        with _deferred(connection), transaction.atomic():
            _execute("SELECT 1 FROM sqlite_master")  # its first read is what fixes the state
            yield


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


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
