"""One action on many tickets, the same for pages and API: each ticket by itself, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from config.errors import DomainError
from tickets.actions import Version
from tickets.models import Ticket

MOST_TICKETS = 200

type ActionOnOne = Callable[[UUID, Version], Ticket]
"""One of tickets/actions.py with all but the ticket's id and its version given."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket among many; `refusal` is None where it was done."""

    ticket: Ticket
    refusal: DomainError | None = None


def act_on_each(user: User, act: ActionOnOne, versions: Mapping[UUID, int | None]) -> list[Outcome]:
    """Do it to each of these tickets that the person may see, newest first. None stands for whichever version it is.

    A refusal of one does not keep the others from being done. A ticket that has no outcome does not exist for this
    person, which is all that they are told.
    """
    tickets = Ticket.objects.visible_to(user).filter(pk__in=versions).newest_first()
    return [_act_on(ticket, act, versions[ticket.pk]) for ticket in tickets]


def _act_on(ticket: Ticket, act: ActionOnOne, version: int | None) -> Outcome:
    try:
        act(ticket.pk, version)
    except DomainError as refusal:
        return Outcome(ticket, refusal)
    return Outcome(ticket)
