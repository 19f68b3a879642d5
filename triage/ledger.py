"""Writing the record of suggestions, and finding the tickets that came of them.

Whoever waits for a suggestion never waits for the record: where the database does not take it at once, it is dropped
and logged.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Q

from config import clock
from tickets.models import HistoryEntry, Ticket, TicketQuerySet
from tickets.workflow import Action
from triage.models import Suggestion

log = logging.getLogger("triage.ledger")

LOCK_WAIT_MS = 40
"""How long the record may wait for a lock: on SQLite any other writer holds one."""

MATCH_WINDOW = timedelta(hours=24)
"""How long after a suggestion its author may create the ticket."""

BATCH = 1000


def text_hash(title: str, description: str) -> str:
    """SHA-256 in hex, the same for a text however its line ends and its title's margins are written."""
    text = f"{title.strip()}\0{description}".replace("\r\n", "\n")
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def write_briefly(write: Callable[[], None]) -> bool:
    """Call it in a transaction that gives up where it would wait for a lock, unless one is open; whether it was done.

    Failures of the database are logged, not raised.
    """
    try:
        with short_lock_wait():
            write()
    except DatabaseError as error:
        log.warning("A suggestion is missing in the ledger: %s", error)
        return False
    return True


@contextmanager
def short_lock_wait() -> Iterator[None]:
    """A transaction, or a savepoint in one, in which waiting for a lock ends soon with an OperationalError."""
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
    elif connection.vendor == "sqlite":
        usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
        _execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
        try:
            with transaction.atomic():
                yield
        finally:
            _execute(f"PRAGMA busy_timeout = {usual}")
    else:
        with transaction.atomic():
            _execute(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")
            yield


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def record(suggestion: Suggestion) -> None:
    """Add a suggestion to the ledger, made now."""
    suggestion.created_at = clock.Present()  # read back when it is saved
    suggestion.save(force_insert=True)


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
    """1, or 0 where another worker was faster."""
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
