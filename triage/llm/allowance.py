"""How often one person may have the language model asked in a minute: OPENAI_CALLS_PER_MINUTE.

Calls count, not suggestions: an answer from the ledger, or one that somebody else has asked for, costs nothing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError

from accounts.limits import counting
from accounts.models import RateCounter, User
from triage.llm.answer import Failure

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

log = logging.getLogger("triage.llm.allowance")

# How long to wait where the database is busy. On SQLite, where one writes at a time, some dozens may ask at once.
WAIT_MS = 1000


def refusal(user: User | AnonymousUser) -> Failure | None:
    """Count a call that is about to be made; why it must not be made, else None.

    Whoever is not signed in, such as the command that measures a model, has no limit. Where it cannot be counted the
    model is left alone, as where its state cannot be read: calls cost money, and the heuristic answers.
    """
    if not isinstance(user, User):
        return None
    try:
        taken = counting.take(user, RateCounter.What.MODEL_CALLS, wait_ms=WAIT_MS)
    except DatabaseError as error:
        log.warning("A call of the language model cannot be counted: %s", error)
        return Failure.RESTING
    return Failure.LIMITED if taken.count > settings.OPENAI_CALLS_PER_MINUTE else None


def give_back(user: User | AnonymousUser) -> None:
    """Take back a call that was counted and then not made."""
    if isinstance(user, User):
        try:
            counting.give_back(user, RateCounter.What.MODEL_CALLS)
        except DatabaseError as error:
            log.warning("A call of the language model counts that was not made: %s", error)
