"""One action on many tickets, the same for pages and API: each ticket by itself, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from accounts.models import User
from config.errors import DomainError
from tickets import actions
from tickets.actions import Version
from tickets.models import Ticket

MOST_TICKETS = 200


class BulkAction(Protocol):
    """One of tickets/actions.py, with whatever else it needs given already."""

    def __call__(self, user: User, ticket_id: UUID, *, version: Version) -> Ticket: ...


BULK_ACTIONS: dict[str, BulkAction] = {
    "approve": actions.approve_ticket,
    "delete": actions.delete_ticket,
    "restore": actions.restore_ticket,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket among many; `refusal` is None where it was done."""

    ticket: Ticket
    refusal: DomainError | None = None


def act_on_each(user: User, act: BulkAction, versions: Mapping[UUID, int | None]) -> list[Outcome]:
    """Do it to each of these tickets that the person may see, newest first. None stands for whichever version it is.

    A refusal of one does not keep the others from being done. A ticket that has no outcome does not exist for this
    person, which is all that they are told.
    """
    tickets = Ticket.objects.visible_to(user).filter(pk__in=versions).newest_first()
    return [_act_on(user, ticket, act, versions[ticket.pk]) for ticket in tickets]


def _act_on(user: User, ticket: Ticket, act: BulkAction, version: int | None) -> Outcome:
    try:
        act(user, ticket.pk, version=version)
    except DomainError as refusal:
        return Outcome(ticket, refusal)
    return Outcome(ticket)
