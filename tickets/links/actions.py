"""What people do with links. Each is one transaction, on two live tickets, which stay as they are.

Nothing here changes a ticket, its version or its history.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from accounts.models import User
from config import clock
from config.database.turns import take_turns
from tickets.errors import TicketNotFound
from tickets.links import permissions
from tickets.links.errors import AlreadyLinked, LinkedToItself, LinkNotFound, NotYourLink, TooManyLinks
from tickets.links.models import MOST_LINKS, LinkKind, TicketLink
from tickets.models import Ticket
from tickets.sharing import share_live_tickets


@transaction.atomic
def add_link(user: User, ticket_id: uuid.UUID, *, other_id: uuid.UUID, kind: LinkKind) -> TicketLink:
    """Say that the ticket is a duplicate of the other one, follows up on it, or is related to it.

    `kind` is one of KINDS. Raises TicketNotFound where one of them is not there for this person, LinkedToItself,
    AlreadyLinked also where the other one has such a link to this one, and TooManyLinks.
    """
    # Links are counted and compared in turns. Whoever deletes a ticket takes none, so nobody waits for who waits for
    # them; nor does an import, which shares the tickets' rows.
    take_turns(f"links of {ticket_id}", f"links of {other_id}")
    share_live_tickets(user, ticket_id, other_id)
    if ticket_id == other_id:
        raise LinkedToItself
    if TicketLink.objects.of(ticket_id).of(other_id).filter(kind=kind).exists():
        raise AlreadyLinked
    if any(TicketLink.objects.of(each).count() >= MOST_LINKS for each in (ticket_id, other_id)):
        raise TooManyLinks
    return TicketLink.objects.create(
        source_id=ticket_id, target_id=other_id, kind=kind, created_by=user, created_at=clock.Present()
    )


@transaction.atomic
def remove_link(user: User, link_id: uuid.UUID) -> TicketLink:
    """Part two tickets, by who has linked them or a manager. Returns the link as it was, with its tickets.

    Raises LinkNotFound, also where one of the tickets is deleted, and NotYourLink.
    """
    link = TicketLink.objects.filter(pk=link_id).among(Ticket.objects.visible_to(user).live()).first()
    if link is None:
        raise LinkNotFound
    try:
        share_live_tickets(user, link.source_id, link.target_id)
    except TicketNotFound:
        raise LinkNotFound from None
    if not permissions.can_remove(user, link):
        raise NotYourLink
    removed, _ = TicketLink.objects.filter(pk=link_id).delete()
    if not removed:  # somebody else was quicker
        raise LinkNotFound
    return link
