"""A severity for a ticket that is being written: the language model's where it gives one, else the heuristic's."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.utils.translation import gettext as _

from tickets.workflow import Severity
from triage import ledger
from triage.heuristic import scoring
from triage.llm import breaker, chat, single_flight
from triage.llm.chat import Call, Failure
from triage.models import Source, Suggestion

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

log = logging.getLogger("triage.suggest")

LOOK_AGAIN = 0.05
"""Seconds between looks at whether another worker has been told what is asked here as well."""


def suggest_severity(user: User | AnonymousUser, *, title: str, description: str) -> Suggestion:
    """A suggestion for `user`, put into the ledger if that works at once.

    Takes OPENAI_TIMEOUT_MS at most, besides what heuristic and ledger need, and fails for no text.
    """
    started = time.monotonic()
    judgement = scoring.suggest(title, description)
    suggestion = Suggestion(
        asked_by=user if user.is_authenticated else None,
        text_hash=ledger.text_hash(title, description),
        severity=judgement.severity,
        source=Source.HEURISTIC,
        reasons=judgement.reasons,
    )
    call = chat.configured_call()
    asked: Severity | Failure | None = None
    if call is not None:
        outcome = _known_answer(suggestion, call) or _wait_for_turn(suggestion, call, started)
        if outcome is None:
            spent = time.monotonic() - started
            outcome = asked = chat.ask(replace(call, deadline=call.deadline - spent), title, description)
        suggestion.repeated = asked is None and isinstance(outcome, Severity)
        settle(suggestion, outcome, call)
    suggestion.latency_ms = round((time.monotonic() - started) * 1000)
    ledger.write_briefly(lambda: _record(suggestion, call, asked))
    return suggestion


def _record(suggestion: Suggestion, call: Call | None, asked: Severity | Failure | None) -> None:
    if call is not None and asked is not None:
        breaker.record(call.server, asked)
        single_flight.end(single_flight.key_of(call, suggestion.text_hash))
    ledger.record(suggestion)


def _known_answer(suggestion: Suggestion, call: Call) -> Severity | None:
    """What the ledger has as this model's answer to an equal text."""
    answers = Suggestion.objects.answers_to(
        suggestion.text_hash, model=call.model, server=call.server, prompt_version=call.prompt_version
    )
    try:
        known = answers.values_list("severity", flat=True).first()
    except DatabaseError as error:
        log.warning("The ledger cannot be read: %s", error)
        return None
    return Severity(known) if known else None


def _wait_for_turn(suggestion: Suggestion, call: Call, started: float) -> Severity | Failure | None:
    """None where the model is to be asked, by this worker alone.

    Else what another worker has been told meanwhile, or why nobody asks; at the latest when the deadline is over.
    """
    key = single_flight.key_of(call, suggestion.text_hash)
    while (left := started + call.deadline - time.monotonic()) > 0:
        try:
            if not breaker.may_ask(call.server):
                return Failure.RESTING
        except DatabaseError as error:
            log.warning("The state of the language model cannot be read: %s", error)
            return Failure.RESTING
        mine = single_flight.begin(key, left)
        known = _known_answer(suggestion, call)  # the other may have just been told
        if known is not None:
            ledger.write_briefly(lambda: single_flight.end(key))
            return known
        if mine:
            return None
        time.sleep(min(LOOK_AGAIN, left))
    return Failure.TIMEOUT


def settle(suggestion: Suggestion, outcome: Severity | Failure, call: Call) -> None:
    """Take the model's level over, or say first why it is the heuristic's."""
    if isinstance(outcome, Failure):
        suggestion.fallback = outcome
        suggestion.reasons = [_without_model(outcome, call), *suggestion.reasons]
        return
    suggestion.reasons = [_("Judged by the language model %(model)s.") % {"model": call.model}]
    suggestion.severity, suggestion.source = outcome, Source.LLM
    suggestion.model, suggestion.server, suggestion.prompt_version = call.model, call.server, call.prompt_version


def _without_model(failure: Failure, call: Call) -> str:
    words = {
        Failure.TIMEOUT: _("The language model gave no answer within %(seconds)s s."),
        Failure.UNREACHABLE: _("The language model could not be reached."),
        Failure.REFUSED: _("The language model answered with an error."),
        Failure.UNUSABLE: _("The language model gave no clear answer."),
        Failure.BUSY: _("The language model is busy with other tickets."),
        Failure.RESTING: _("The language model has failed several times and is left alone for a moment."),
    }
    return words[failure] % {"seconds": f"{call.deadline:g}"}
