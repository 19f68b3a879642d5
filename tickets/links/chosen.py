"""What a ticket is to be linked with that is still being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from config.errors import DomainError
from tickets.links.actions import add_link
from tickets.links.errors import AlreadyLinked
from tickets.links.models import LinkKind
from tickets.models import Ticket
from tickets.texts.numbers import has_form

FOLLOWS = "follows"
# Each ticket has a field of its own, named for its number, so that all are kept where only one value of a field is.
RELATED = "related-"
MOST_CHOSEN = 10


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ticket that is followed up on, and those that it was ticked to have to do with."""

    follows: Ticket | None
    related: list[Ticket]

    @classmethod
    def read(cls, user: User, fields: Mapping[str, Any]) -> Chosen:
        """What a form or an address names of live tickets that this person may see; the rest is left out."""
        follows = str(fields.get(FOLLOWS, ""))
        related = [name.removeprefix(RELATED) for name in fields if name.startswith(RELATED)]
        numbers = [number for number in (follows, *related[:MOST_CHOSEN]) if has_form(number)]
        if not numbers:
            return cls(None, [])
        live = Ticket.objects.visible_to(user).live().filter(ticket_number__in=numbers)
        found = {ticket.ticket_number: ticket for ticket in live}
        return cls(found.pop(follows, None), [found[number] for number in numbers if number in found])

    def link(self, user: User, ticket: Ticket) -> list[str]:
        """Link the ticket, which is there now, with all of them. Returns the numbers of those that were refused.

        What is linked already, because the form was sent twice, is not refused.
        """
        kinds = [(self.follows, LinkKind.FOLLOW_UP_OF)] if self.follows else []
        refused = []
        for other, kind in [*kinds, *((other, LinkKind.RELATED) for other in self.related)]:
            try:
                add_link(user, ticket.pk, other_id=other.pk, kind=kind)
            except AlreadyLinked:
                pass
            except DomainError:
                refused.append(other.ticket_number)
        return refused
