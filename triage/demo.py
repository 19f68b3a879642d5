"""The ledger of suggestions for demo tickets, as triage/suggest.py and triage/matching.py would have written it.

At first the demo desk had the heuristic alone. Then a language model was switched on, which is asked about each text
once; where it failed the heuristic has answered. Of tickets this only reads; the suggestions are all that it writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from django.conf import settings

from config import clock
from tickets.models import Ticket
from tickets.workflow import Severity
from triage.heuristic import scoring
from triage.ledger import text_hash
from triage.llm import chat
from triage.llm.answer import Failure
from triage.matching import as_created
from triage.models import Source, Suggestion
from triage.suggest import settle

MODEL_SINCE = timedelta(days=30)
FAILURES = (Failure.TIMEOUT, Failure.TIMEOUT, Failure.UNREACHABLE, Failure.UNUSABLE)
FAILURE_SHARE = 0.08

# The version of no real prompt: a question with the same one would be answered with what the demo has made up.
PROMPT_VERSION = "demo"

BATCH = 2000


def create_suggestions(*, seed: int = 2026) -> int:
    """A suggestion for each ticket whose author was given one, in a ledger that is empty; how many.

    Each is linked to its ticket as match_tickets of triage/ledger.py would link it. Call inside a transaction.
    """
    rows = list(_suggestions(Random(seed)))  # noqa: S311  # nosec B311 # no secret
    Suggestion.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def _suggestions(dice: Random) -> Iterator[Suggestion]:
    now = clock.now()
    model = _Model(dice)
    reasons: dict[str, list[str]] = {}
    for ticket, title, description in as_created(Ticket.objects.exclude(ai_suggested_severity=None)):
        key = text_hash(title, description)
        if key not in reasons:
            reasons[key] = scoring.suggest(title, description).reasons
        suggestion = Suggestion(
            created_at=ticket.created_at - timedelta(milliseconds=dice.randrange(8_000, 90_000)),
            asked_by_id=ticket.created_by_id,
            text_hash=key,
            severity=Severity(str(ticket.ai_suggested_severity)),
            source=Source.HEURISTIC,
            reasons=reasons[key],
            latency_ms=dice.randrange(1, 7),
            ticket=ticket,
            matched_at=now,
        )
        if ticket.created_at > now - MODEL_SINCE:
            model.judge(suggestion)
        yield suggestion


class _Model:
    """The language model that the settings name, with what it has answered so far."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.answered: set[str] = set()
        base_url = chat.normalized_base_url(settings.OPENAI_BASE_URL)
        self.call = chat.Call("", settings.OPENAI_MODEL, base_url, settings.OPENAI_TIMEOUT_MS / 1000)

    def judge(self, suggestion: Suggestion) -> None:
        suggestion.repeated = suggestion.text_hash in self.answered
        if not suggestion.repeated and self.dice.random() < FAILURE_SHARE:
            failure = self.dice.choice(FAILURES)
            in_time = self.dice.randrange(60, 900)
            suggestion.latency_ms += settings.OPENAI_TIMEOUT_MS if failure == Failure.TIMEOUT else in_time
            settle(suggestion, failure, self.call)
            return
        self.answered.add(suggestion.text_hash)
        if not suggestion.repeated:
            suggestion.latency_ms = min(settings.OPENAI_TIMEOUT_MS, round(self.dice.lognormvariate(6.6, 0.35)))
        settle(suggestion, Severity(suggestion.severity), self.call)
        suggestion.prompt_version = PROMPT_VERSION
