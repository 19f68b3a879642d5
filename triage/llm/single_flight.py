"""Letting one worker at a time ask the language model about a text: who does so stands in the database.

Whoever comes second waits for what the first is told, which the ledger then knows.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

from django.db import DatabaseError, IntegrityError
from django.db.models import Q

from config import clock
from config.database.lock_wait import short_lock_wait
from triage.llm.chat import Call
from triage.models import Inquiry

log = logging.getLogger("triage.llm.single_flight")

TRIES = 5
"""How often to try where the database is busy; each waits for a lock for a moment."""

FORGOTTEN = timedelta(hours=1)
"""After that what a worker has left behind that died while it asked is taken away."""


def key_of(call: Call, text_hash: str) -> str:
    """The same for equal texts that are asked about in the same way."""
    return hashlib.sha256("\0".join((call.server, call.model, call.prompt_version, text_hash)).encode()).hexdigest()


def begin(key: str, seconds: float) -> bool:
    """Whether the caller is the one to ask, for so long at most; False while somebody else is.

    True as well where the database stays too busy to say: better twice than not at all.
    """
    for _ in range(TRIES):
        try:
            return _begin(key, timedelta(seconds=seconds))
        except DatabaseError as error:
            log.warning("Another worker may be asking the same: %s", error)
    return True


def _begin(key: str, length: timedelta) -> bool:
    # Reading first: it waits for no lock, and most who come second are answered by it.
    found = Inquiry.objects.filter(key=key).values_list("ends_at", clock.Present()).first()
    if found and found[1] <= found[0]:
        return False
    try:
        with short_lock_wait():
            if found:
                return Inquiry.objects.filter(key=key, ends_at=found[0]).update(ends_at=clock.Present(length)) == 1
            Inquiry.objects.create(key=key, ends_at=clock.Present(length))
    except IntegrityError:
        return False
    return True


def end(key: str) -> None:
    """Let others ask again. Takes along what has been forgotten."""
    Inquiry.objects.filter(Q(key=key) | Q(ends_at__lt=clock.Present(-FORGOTTEN))).delete()
