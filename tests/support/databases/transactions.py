"""Changes that are committed later than they are made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.db import connection, transaction


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
