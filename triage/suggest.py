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
from triage.llm import allowance, breaker, chat, single_flight
from triage.llm.answer import Failure
from triage.llm.chat import Call
from triage.models import Source, Suggestion

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

log = logging.getLogger("triage.suggest")

# How long to wait, in seconds, before looking again whether another worker has got the answer that is wanted here too.
POLL_SECONDS = 0.05


def suggest_severity(user: User | AnonymousUser, *, title: str, description: str) -> Suggestion:
    """A suggestion for `user`, which is also recorded in the ledger if the database takes it at once.

    The heuristic judges every text, so that there is an answer in any case. If there is a language model, its answer
    is taken from the ledger, where an equal text was judged before, or asked for. That takes OPENAI_TIMEOUT_MS at most,
    besides what heuristic and ledger need. No text makes it fail.
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
            outcome = asked = allowance.refusal(user) or _ask(call, title, description, started)
            if asked is Failure.BUSY:
                allowance.give_back(user)
        suggestion.repeated = asked is None and isinstance(outcome, Severity)
        settle(suggestion, outcome, call)
    suggestion.latency_ms = round((time.monotonic() - started) * 1000)
    ledger.write_briefly(lambda: _record(suggestion, call, asked))
    return suggestion


def _ask(call: Call, title: str, description: str, started: float) -> Severity | Failure:
    """What the model says within what is left of the deadline."""
    spent = time.monotonic() - started
    return chat.ask(replace(call, deadline=call.deadline - spent), title, description)


def _record(suggestion: Suggestion, call: Call | None, asked: Severity | Failure | None) -> None:
    if call is not None and asked is not None:
        breaker.record(call.server, asked)
        single_flight.end(single_flight.key_of(call, suggestion.text_hash))
    ledger.record(suggestion)


def _known_answer(suggestion: Suggestion, call: Call) -> Severity | None:
    """This model's answer to an equal text, if the ledger has one."""
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
    """Wait while another worker asks about the same text; None if the model is to be asked now, by this worker alone.

    Otherwise the answer that the other worker has got meanwhile, or why the model is not to be asked. Returns when the
    deadline is over at the latest.
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
        # Looked up after taking the turn, not before: the other may have put its answer into the ledger, and ended its
        # turn, between our look and our turn, and we would ask again.
        known = _known_answer(suggestion, call)
        if known is not None:
            ledger.write_briefly(lambda: single_flight.end(key))
            return known
        if mine:
            return None
        time.sleep(min(POLL_SECONDS, left))
    return Failure.TIMEOUT


def settle(suggestion: Suggestion, outcome: Severity | Failure, call: Call) -> None:
    """Put the model's level into the suggestion, or say in its first reason why the level is the heuristic's."""
    if isinstance(outcome, Failure):
        suggestion.fallback = outcome
        suggestion.reasons = [_without_model(outcome, call), *suggestion.reasons]
        return
    suggestion.reasons = [_("Judged by the language model %(model)s.") % {"model": call.model}]
    suggestion.severity, suggestion.source = outcome, Source.LLM
    suggestion.model, suggestion.server, suggestion.prompt_version = call.model, call.server, call.prompt_version


def _without_model(failure: Failure, call: Call) -> str:
    sentences = {
        Failure.TIMEOUT: _("The language model gave no answer within %(seconds)s s."),
        Failure.UNREACHABLE: _("The language model could not be reached."),
        Failure.REFUSED: _("The language model answered with an error."),
        Failure.UNUSABLE: _("The language model gave no clear answer."),
        Failure.BUSY: _("The language model is busy with other tickets."),
        Failure.LIMITED: _("You have had the language model asked very often within a minute; it is yours again soon."),
        Failure.RESTING: _("The language model has failed several times and is left alone for a moment."),
    }
    return sentences[failure] % {"seconds": f"{call.deadline:g}"}
