"""What a ticket is linked with, as pages show it."""

from __future__ import annotations

from typing import Any

from django import template

from tickets.links import permissions
from tickets.links.models import TicketLink
from tickets.models import Ticket

register = template.Library()


@register.inclusion_tag("tickets/linked.html", takes_context=True)
def linked_tickets(context: template.Context, ticket: Ticket, *, on_own_page: bool = False) -> dict[str, Any]:
    """The tickets that this one is linked with and that the person may see.

    `on_own_page`: with a button for each link that they may remove, and without the way there.
    """
    user = context["user"]
    links = TicketLink.objects.of(ticket.pk).among(Ticket.objects.visible_to(user)).oldest_first()
    seen = [link.seen_from(ticket.pk) for link in links]
    removable = {each.link.pk for each in seen if on_own_page and permissions.can_remove(user, each.link)}
    return {
        "ticket": ticket,
        "links": seen,
        "removable": removable,
        "on_own_page": on_own_page,
        "csrf_token": context.get("csrf_token"),
    }
