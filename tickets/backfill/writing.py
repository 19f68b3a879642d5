"""The one door for tickets that have lived already: demo data, measurements, and data that is moved in from elsewhere.

The actions take one ticket at a time and stamp it with the present, so they can neither write a past nor write 20 000
tickets within seconds. This writes rows in batches instead. It trusts its caller to be entitled to this, since nobody
is asked here, but it takes nobody's word for the record itself: each ticket is taken through its history again by the
table of moves, and what comes out must be the ticket that was told of (tickets/backfill/errors.py lists the rules).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from accounts.models import User
from config import clock
from config.database import statistics
from tickets.backfill.errors import Rule, require
from tickets.backfill.numbers import Numbers
from tickets.backfill.records import TicketRecord
from tickets.backfill.replay import Replay
from tickets.models import HistoryEntry, Ticket, TicketText
from tickets.search import folding
from tickets.search.refolding import document_of

BATCH = 1000


@transaction.atomic
def backfill_tickets(records: Iterable[TicketRecord]) -> int:
    """Write tickets with all of their history; how many they were.

    The records of a year come in the order of their numbers. A record without a number gets the next one, and nobody
    else can create a ticket of that year before the transaction ends. Each batch is judged before it is written, and
    no more than one is held in memory.

    Raises BackfillRefused, which names the ticket and the rule that it breaks; then nothing of the call is written.
    There is no way round a rule: who moves data of an earlier service in puts right beforehand what that service let
    through and this one does not. The types of the records' fields are taken to be what they are declared to be.
    """
    now, numbers, people = clock.now(), Numbers(), set[UUID]()
    count = 0
    for batch in batched(records, BATCH):
        replays = [Replay(record, numbers.take(record), now) for record in batch]
        _require_people(batch, people)
        _require_new_ids(batch)
        _write(replays)
        count += len(replays)
    numbers.advance_years()
    statistics.analyze(Ticket, TicketText, HistoryEntry)
    return count


def _require_people(batch: tuple[TicketRecord, ...], known: set[UUID]) -> None:
    """That everybody whom the records name has an account; `known` are those who were found before."""
    named = {person.pk: record for record in batch for person in _people_in(record)}
    known |= _present(User, named.keys() - known)
    for person, record in named.items():
        require(person in known, record, Rule.PEOPLE_ARE_THERE)


def _people_in(record: TicketRecord) -> Iterator[User]:
    yield from filter(None, (record.author, record.reviewer, record.deleted_by))
    yield from (entry.user for entry in record.entries if entry.user)


def _require_new_ids(batch: tuple[TicketRecord, ...]) -> None:
    _require_new(Ticket, [(record.id, record) for record in batch if record.id])
    _require_new(HistoryEntry, [(entry.id, record) for record in batch for entry in record.entries if entry.id])


def _require_new(model: type[Model], given: list[tuple[UUID, TicketRecord]]) -> None:
    taken = _present(model, [id for id, _ in given])
    for id, record in given:
        require(id not in taken, record, Rule.ID_IS_NEW)
        taken.add(id)


def _present(model: type[Model], ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that have a row. SQLite takes only so many parameters in one statement."""
    rows = model._default_manager.all()
    return {id for some in batched(ids, BATCH) for id in rows.filter(pk__in=some).values_list("pk", flat=True)}


def _write(replays: list[Replay]) -> None:
    tickets = [replay.ticket for replay in replays]
    Ticket.objects.bulk_create(tickets)
    TicketText.objects.bulk_create(_search_text(ticket) for ticket in tickets)
    # In the order of time, so that who reads along (tickets/events) is told of things as they happened. On SQLite,
    # where events get their positions at once, this order reaches no further than the batch.
    entries = sorted((entry for replay in replays for entry in replay.entries), key=_when)
    HistoryEntry.objects.bulk_create(entries, batch_size=BATCH)


def _when(entry: HistoryEntry) -> tuple[datetime, int]:
    return entry.created_at, entry.version


def _search_text(ticket: Ticket) -> TicketText:
    return TicketText(ticket_id=ticket.pk, text=document_of(ticket), folding=folding.FOLDING)
