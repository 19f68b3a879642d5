"""Writing the ledger: the record of every suggestion that somebody was given.

Whoever waits for a suggestion never waits for the record. If the database cannot take it at once, it is dropped and
logged.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from django.db import DatabaseError

from config import clock
from config.database.lock_wait import short_lock_wait
from triage.models import Suggestion

log = logging.getLogger("triage.ledger")


def text_hash(title: str, description: str) -> str:
    """SHA-256 in hex, the same for a text however its line ends and its title's margins are written."""
    text = f"{title.strip()}\0{description}".replace("\r\n", "\n")
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def write_briefly(write: Callable[[], None]) -> bool:
    """Call `write` in a transaction that gives up soon where it would wait for a lock; whether it was done.

    Failures of the database are logged, not raised. See short_lock_wait for what holds inside an open transaction.
    """
    try:
        with short_lock_wait():
            write()
    except DatabaseError as error:
        log.warning("A suggestion is missing in the ledger: %s", error)
        return False
    return True


def record(suggestion: Suggestion) -> None:
    """Add a suggestion to the ledger, made now."""
    suggestion.created_at = clock.Present()  # read back when it is saved
    suggestion.save(force_insert=True)
