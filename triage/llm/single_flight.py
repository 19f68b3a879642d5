"""Letting one worker at a time ask the language model about a text (a "single flight").

A worker that is about to ask writes a row with the hash of the question into the database; the row's primary key lets
only one of them do so. The others look into the ledger of suggestions until it has the answer, and take it from there.

The row is no database lock: a lock would have to be held for as long as the model takes, and with it a transaction and
a connection, and behind a pooler it would end with the transaction. A row can outlive the worker that has written it,
though, so it carries the moment at which it stops counting.
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
from triage.models import CallInProgress

log = logging.getLogger("triage.llm.single_flight")

# How often to try where the database is busy. Each try waits for a lock for a moment.
TRIES = 5

# After how long rows are deleted that were left behind by workers that died while they asked.
STALE_AFTER = timedelta(hours=1)


def key_of(call: Call, text_hash: str) -> str:
    """The same for equal texts that are asked about in the same way."""
    return hashlib.sha256("\0".join((call.server, call.model, call.prompt_version, text_hash)).encode()).hexdigest()


def begin(key: str, seconds: float) -> bool:
    """Whether the caller is the one to ask, for that many seconds at most; False while somebody else is.

    True as well where the database stays too busy to say: asking twice is better than not at all.
    """
    for _ in range(TRIES):
        try:
            return _begin(key, timedelta(seconds=seconds))
        except DatabaseError as error:
            log.warning("Another worker may be asking the same: %s", error)
    return True


def _begin(key: str, length: timedelta) -> bool:
    # Reading first waits for no lock, and is enough for most who come second.
    found = CallInProgress.objects.filter(key=key).values_list("ends_at", clock.Present()).first()
    if found and found[1] <= found[0]:
        return False
    try:
        with short_lock_wait():
            if found:
                # A row that no longer counts is taken over. Of several who have read it, only one still finds the
                # `ends_at` that all have read.
                stale = CallInProgress.objects.filter(key=key, ends_at=found[0])
                return stale.update(ends_at=clock.Present(length)) == 1
            CallInProgress.objects.create(key=key, ends_at=clock.Present(length))
    except IntegrityError:
        return False
    return True


def end(key: str) -> None:
    """Let others ask again. Deletes rows that were left behind, too."""
    CallInProgress.objects.filter(Q(key=key) | Q(ends_at__lt=clock.Present(-STALE_AFTER))).delete()
