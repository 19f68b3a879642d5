"""Which ticket another one duplicated that was deleted for it, as whoever is told of the deletion learns."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from tickets.inbox.models import Kind, Told
from tickets.links.models import LinkKind, TicketLink
from tickets.models import Ticket


def name_duplicates(user: User, told: Iterable[Told]) -> None:
    """Load as `duplicate_of` the live ticket that each deleted one is said to duplicate; costs nothing without one."""
    deleted = [thing for thing in told if thing.kind == Kind.DELETED]
    if not deleted:
        return
    live = Ticket.objects.visible_to(user).live()
    links = TicketLink.objects.filter(kind=LinkKind.DUPLICATE_OF, source__in=[thing.ticket_id for thing in deleted])
    links = links.filter(target__in=live).select_related("target").defer("target__description").order_by("created_at")
    targets = {link.source_id: link.target for link in links}
    for thing in deleted:
        thing.duplicate_of = targets.get(thing.ticket_id)
