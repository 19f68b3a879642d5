"""Holding a draft while one looks at it in review mode, so that nobody else is dealt it.

A lease is a row for a ticket, so the database itself sees to it that two managers never hold the same. It refuses
nobody a decision: who decides first wins.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, UUIDField, When

from accounts.models import User
from config import clock
from tickets.models import Ticket, TicketQuerySet
from tickets.review.models import Lease
from tickets.workflow import Status

LASTS = timedelta(minutes=5)
# How many drafts of the queue are looked up at once: where as many managers sit, each finds another one free.
_AT_ONCE = 10


def deal(manager: User, queue: TicketQuerySet, *, besides: Collection[uuid.UUID] = ()) -> Ticket | None:
    """The draft that this manager is to look at, which they hold from now on; None where the queue is empty.

    That is what they have held longest, where it is still in the queue, else the first of the queue that nobody takes
    meanwhile. `besides` are drafts that are not to be dealt: the one that is shown while the next is fetched ahead.
    """
    free = queue.exclude(pk__in=besides)
    held = Lease.objects.holding().filter(manager=manager).order_by("taken_at", "pk").values_list("ticket", flat=True)
    for ticket_id in held.exclude(ticket__in=besides):
        ticket = free.filter(pk=ticket_id).first()
        if ticket and ticket.skipped_at is None and take(manager, ticket_id):
            return ticket
    for _again in count():
        batch = list(free.values_list("pk", flat=True)[:_AT_ONCE])
        for ticket_id in batch:
            if not take(manager, ticket_id):
                continue
            if ticket := free.filter(pk=ticket_id).first():  # nobody has decided between looking and taking
                return ticket
            give_back(manager, ticket_id)
        if not batch:
            return None
    raise AssertionError("counting does not end")


def take(manager: User, ticket_id: uuid.UUID) -> bool:
    """Hold this draft, or hold it for longer; False where another manager holds it."""
    now, until = clock.Present(), clock.Present(LASTS)
    is_held = Q(manager=manager, until__gt=now)
    rows = Lease.objects.filter(is_held | Q(until__lte=now), ticket=ticket_id)
    taken_at = Case(When(is_held, then=F("taken_at")), default=now)
    if rows.update(manager=manager, taken_at=taken_at, until=until):
        return True
    try:
        with transaction.atomic():
            Lease.objects.create(ticket_id=ticket_id, manager=manager, taken_at=now, until=until)
    except IntegrityError:
        return False
    return True


def with_holder(tickets: TicketQuerySet) -> TicketQuerySet:
    """Loads as `held_by` the key of the manager who holds each ticket."""
    holder = Lease.objects.holding().filter(ticket=OuterRef("pk")).values("manager")
    found: dict[str, Any] = {"held_by": Subquery(holder, output_field=UUIDField())}
    return tickets.annotate(**found)


def holder_for(user: User, ticket: Ticket) -> User | None:
    """The other manager who is looking at a draft that `with_holder` has loaded; only managers are told."""
    if not user.is_manager or ticket.status != Status.DRAFT or ticket.held_by in (None, user.pk):
        return None
    return User.objects.get(pk=ticket.held_by)


def give_back(manager: User, *ticket_ids: uuid.UUID) -> None:
    """Hold these drafts no longer."""
    Lease.objects.filter(manager=manager, ticket__in=ticket_ids).delete()


def give_all_back(manager: User) -> None:
    Lease.objects.filter(manager=manager).delete()


def remove_old() -> int:
    """Forget leases that are over; how many they were."""
    return Lease.objects.filter(until__lte=clock.now()).delete()[0]
