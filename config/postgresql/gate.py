"""What a process remembers for a moment about a database that did not answer."""

from __future__ import annotations

import threading
import time
from types import TracebackType

import psycopg

PAUSE_SECONDS = 0.5
"""How long the database counts as away after it has not answered; then somebody tries again."""


class Gate:
    """Lets everybody through to the database, but for a short while after it was found away.

    Then all are refused at once, with psycopg.OperationalError, and every PAUSE_SECONDS one is let through to try. So
    of many requests only the first ones, which come before anybody knows, and a few after them wait for a connection
    that cannot be had. Others learn nothing from this process: what is away for one need not be away for all.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.problem: str | None = None
        self.next_try = 0.0

    def __enter__(self) -> None:
        with self.lock:
            now = time.monotonic()
            if self.problem is not None and now < self.next_try:
                raise psycopg.OperationalError(f"the database was away a moment ago: {self.problem}")
            self.next_try = now + PAUSE_SECONDS

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.lock:
            if error is None:
                self.problem = None
            elif isinstance(error, psycopg.Error):
                self.problem = str(error).strip()
                self.next_try = time.monotonic() + PAUSE_SECONDS
