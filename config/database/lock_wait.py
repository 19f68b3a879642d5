"""Giving up soon where a write would wait for a lock, for writes that matter less than whoever waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# How long a lock may be waited for, unless said otherwise. On SQLite any other writer holds one.
LOCK_WAIT_MS = 40


@contextmanager
def short_lock_wait(milliseconds: int = LOCK_WAIT_MS) -> Iterator[None]:
    """A transaction in which waiting for a lock ends after so many milliseconds with an OperationalError.

    Where a transaction is open already this is only a savepoint in it, and locks are waited for as long as usual:
    PostgreSQL would keep the limit to the end of that transaction, which is not ours.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
    elif connection.vendor == "sqlite":
        # The limit belongs to the connection, which serves other requests later, so it is put back.
        usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
        _execute(f"PRAGMA busy_timeout = {milliseconds}")
        try:
            with transaction.atomic():
                yield
        finally:
            _execute(f"PRAGMA busy_timeout = {usual}")
    else:
        with transaction.atomic():
            # LOCAL ends with the transaction; behind a pooler the connection goes to somebody else afterwards.
            _execute(f"SET LOCAL lock_timeout = {milliseconds}")
            yield


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
