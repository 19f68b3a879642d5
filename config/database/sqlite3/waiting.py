"""Waiting for the one lock that SQLite has for writing, so that nobody waits in vain while others get their turns.

SQLite has no queue: whoever asks first once the lock is free gets it. Its own way to wait asks less and less often, in
the end ten times a second, so newcomers overtake whoever has waited long, again and again: with 16 writers at work one
request in some thousand found no turn in five seconds. Here it is the other way round. Who has just come asks seldom,
and who has waited for seconds asks so often that the next free moment is most likely theirs.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# In seconds. Asking costs some hundredths of a millisecond of the processor, so nobody asks more often than this.
LONGEST_PAUSE, SHORTEST_PAUSE = 0.010, 0.001
# After so long one asks twice as often as at first, after twice that three times as often, and so on. With 16 writers
# that is about how long one waits, so the pauses still differ among those who wait; 2.25 s from the beginning they are
# the shortest.
TWICE_AS_OFTEN = 0.25
# Who may not wait for long asks at least so many times.
LEAST_PAUSES = 8


def in_turn[T](attempt: Callable[[], T], limit: float) -> T:
    """What the attempt returns, which is made again and again while another holds the lock.

    Raises SQLite's own error once that has been so for `limit` seconds, and every other error at once. The attempt must
    change nothing where it fails.
    """
    begun = time.monotonic()
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - begun
            if not _is_held_by_another(error) or waited >= limit:
                raise
        time.sleep(pause_after(waited, limit))


def pause_after(waited: float, limit: float) -> float:
    """Seconds until the next attempt of who has waited for so long, and may for `limit`."""
    first = min(LONGEST_PAUSE, limit / LEAST_PAUSES)
    return max(SHORTEST_PAUSE, min(first / (1 + waited / TWICE_AS_OFTEN), limit - waited))


def _is_held_by_another(error: sqlite3.OperationalError) -> bool:
    """Not where this connection reads a state that others have changed since: waiting does not help it."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF == sqlite3.SQLITE_BUSY and code != sqlite3.SQLITE_BUSY_SNAPSHOT


@contextmanager
def refused_at_once(connection: sqlite3.Connection) -> Iterator[float]:
    """Has SQLite not wait by itself inside the block; the seconds that it would have waited.

    They are asked of the connection, since some set them for a while (config/database/lock_wait.py).
    """
    [milliseconds] = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield milliseconds / 1000
    finally:
        connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
