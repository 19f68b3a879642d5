"""Finding the tickets that came of suggestions.

A suggestion is made while the ticket is still being written, so it cannot name the ticket. Afterwards the two are
brought together by the hash of the text, by who asked and created, and by time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from config import clock
from tickets.models import HistoryEntry, Ticket, TicketQuerySet
from tickets.workflow import Action
from triage.ledger import text_hash
from triage.models import Suggestion

# How long after a suggestion its author may create the ticket.
MATCH_WINDOW = timedelta(hours=24)

# Rows that are read at once.
BATCH = 1000


def match_tickets() -> int:
    """Find, for suggestions not yet matched, the ticket that their author created with the same text; how many.

    A ticket belongs to the last suggestion before it, within MATCH_WINDOW. Safe to call at any time, by any worker.
    """
    waiting = Suggestion.objects.unmatched().order_by("created_at", "pk")
    matched, rest = 0, waiting
    while batch := list(rest[:BATCH]):
        matched += _match(batch)
        last = batch[-1]
        rest = waiting.filter(Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk))
    waiting.filter(created_at__lt=clock.Present(-MATCH_WINDOW)).update(matched_at=clock.Present())
    return matched


def _match(batch: list[Suggestion]) -> int:
    waiting: dict[tuple[UUID | None, str], list[Suggestion]] = defaultdict(list)
    for suggestion in batch:
        waiting[suggestion.asked_by_id, suggestion.text_hash].append(suggestion)
    candidates = Ticket.objects.filter(
        created_by__in={suggestion.asked_by_id for suggestion in batch},
        created_at__range=(batch[0].created_at, batch[-1].created_at + MATCH_WINDOW),
        suggestion=None,
    )
    matched = 0
    for ticket, title, description in as_created(candidates):
        asked = waiting.get((ticket.created_by_id, text_hash(title, description)), [])
        fitting = [s for s in asked if s.created_at <= ticket.created_at <= s.created_at + MATCH_WINDOW]
        if fitting:
            asked.remove(fitting[-1])
            matched += _link(fitting[-1], ticket)
    return matched


def _link(suggestion: Suggestion, ticket: Ticket) -> int:
    """Note the ticket of a suggestion; returns 1, or 0 where another worker was faster."""
    try:
        with transaction.atomic():
            waiting = Suggestion.objects.filter(pk=suggestion.pk, matched_at=None)
            return waiting.update(ticket=ticket, matched_at=clock.Present())
    except IntegrityError:
        return 0


def as_created(tickets: TicketQuerySet) -> Iterator[tuple[Ticket, str, str]]:
    """Tickets, oldest first, with the title and description that they had when they were created."""
    first: dict[UUID, dict[str, str]] = defaultdict(dict)
    edits = HistoryEntry.objects.filter(action=Action.EDITED, ticket__in=tickets.filter(version__gt=1).values("pk"))
    for ticket_id, changes in edits.order_by("version").values_list("ticket_id", "changes"):
        for name, (old, _new) in changes.items():
            first[ticket_id].setdefault(name, old)
    for ticket in chain.from_iterable(tickets.order_by("created_at").in_batches(BATCH)):
        texts = first.get(ticket.pk, {})
        yield ticket, texts.get("title", ticket.title), texts.get("description", ticket.description)
