"""What a process remembers for a moment about a database that did not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

# How long the database counts as away after it has not answered; then somebody tries again.
PAUSE_SECONDS = 0.5


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
        self.successes = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """For the time of one try. A failure is forgotten where the database has answered somebody else meanwhile."""
        successes = self._enter()
        try:
            yield
        except psycopg.Error as error:
            self._note(str(error).strip(), successes)
            raise
        with self.lock:
            self.successes += 1
            self.problem = None

    def _enter(self) -> int:
        with self.lock:
            now = time.monotonic()
            if self.problem is not None and now < self.next_try:
                raise psycopg.OperationalError(f"the database was away a moment ago: {self.problem}")
            self.next_try = now + PAUSE_SECONDS
            return self.successes

    def _note(self, problem: str, successes: int) -> None:
        with self.lock:
            if self.successes != successes:
                return
            if self.problem is None:
                # Not for those who fail later, or a row of them would keep everybody else from trying.
                self.next_try = time.monotonic() + PAUSE_SECONDS
            self.problem = problem
