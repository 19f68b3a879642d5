"""Changes that are committed later than they are made, and who waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.db import connection, transaction

from tests.support.patience import wait_until


@contextmanager
def not_yet_committed(change: Callable[[], Any]) -> Iterator[None]:
    """The change is made, and dated; it is committed at the end of the block."""
    made, go_on = threading.Event(), threading.Event()

    def make() -> None:
        with closing(connection), transaction.atomic():
            change()
            made.set()
            go_on.wait(30)

    thread = threading.Thread(target=make)
    thread.start()
    assert made.wait(30)
    try:
        yield
    finally:
        go_on.set()
        thread.join()


def wait_until_somebody_waits() -> None:
    """Until another session waits for a lock. SQLite tells nobody, so there it returns at once."""
    if connection.vendor == "postgresql":
        wait_until(_is_somebody_waiting, "nobody waits for a lock")


def _is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        return cursor.fetchone() is not None
