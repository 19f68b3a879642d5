"""Skipping drafts in review mode and snoozing them, each manager for themselves, and taking that back."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_manager
from config import clock
from tickets.errors import NotInDraft, OwnTicket, TicketNotFound
from tickets.models import Ticket
from tickets.permissions import may
from tickets.review import leases
from tickets.review.models import Aside, SetAside
from tickets.workflow import Action, Status


def skip(manager: User, ticket_id: uuid.UUID) -> None:
    """Deal it again at the end of the queue. Raises what set_aside does."""
    set_aside(manager, ticket_id, Aside.SKIPPED)


def snooze(manager: User, ticket_id: uuid.UUID, *, until: datetime | None) -> None:
    """Do not deal it up to this time, or, for None, until something happens to it. Raises what set_aside does."""
    set_aside(manager, ticket_id, Aside.SNOOZED if until else Aside.UNTIL_CHANGED, until)


@transaction.atomic
def set_aside(manager: User, ticket_id: uuid.UUID, kind: Aside, until: datetime | None = None) -> None:
    """Put a draft aside on which this manager could decide, and hold it no longer.

    The ticket's row is locked, so that what others say at the same moment comes before or after, and is not missed.
    Raises ForbiddenRole, TicketNotFound, NotInDraft, OwnTicket.
    """
    require_manager(manager)
    ticket = Ticket.objects.live().select_for_update().filter(pk=ticket_id).first()
    if ticket is None:
        raise TicketNotFound
    if ticket.status != Status.DRAFT:
        raise NotInDraft
    if not may(manager, Action.APPROVED, ticket):
        raise OwnTicket
    SetAside.objects.filter(manager=manager, ticket=ticket).delete()
    SetAside.objects.create(
        manager=manager, ticket=ticket, version=ticket.version, kind=kind, set_at=clock.Present(), until=until
    )
    leases.give_back(manager, ticket_id)


def take_back(manager: User) -> SetAside | None:
    """Undo what this manager has put aside last, of what still is; what that was, or None where nothing is."""
    last = SetAside.objects.holding().filter(manager=manager, ticket__status=Status.DRAFT, ticket__deleted_at=None)
    found = last.select_related("ticket").order_by("-set_at", "-pk").first()
    if found is not None:
        SetAside.objects.filter(pk=found.pk).delete()
    return found


def forget_skips(manager: User) -> None:
    """A new sitting begins with nothing skipped."""
    SetAside.objects.filter(manager=manager, kind=Aside.SKIPPED).delete()


def remove_old() -> int:
    """Forget what is put aside no longer; how many rows."""
    return SetAside.objects.exclude(pk__in=SetAside.objects.holding().values("pk")).delete()[0]


def wake(ticket_id: uuid.UUID, by: User) -> None:
    """Somebody has said or attached something: for all others it has happened. Call it with the row shared at least."""
    SetAside.objects.filter(ticket=ticket_id, kind=Aside.UNTIL_CHANGED).exclude(manager=by).delete()
