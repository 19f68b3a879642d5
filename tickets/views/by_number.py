"""Tickets by the number in an address, and the addresses of tickets."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from tickets import permissions
from tickets.errors import TicketNotFound
from tickets.models import Ticket


def live_ticket(number: str) -> Ticket:
    """The ticket of this number. Raises TicketNotFound, for a deleted one as well."""
    ticket = _ticket(number)
    if ticket.deleted_at is not None:
        raise TicketNotFound
    return ticket


def visible_ticket(number: str, user: User) -> Ticket:
    """The ticket of this number; a deleted one for those only who can restore it. Raises TicketNotFound."""
    ticket = _ticket(number)
    if ticket.deleted_at is not None and not permissions.can_restore(user, ticket):
        raise TicketNotFound
    return ticket


def _ticket(number: str) -> Ticket:
    if not re.fullmatch(r"TKT-[0-9]{4}-[0-9]{6,12}", number):
        raise TicketNotFound
    tickets = Ticket.objects.select_related("created_by", "reviewed_by", "deleted_by")
    ticket = tickets.filter(ticket_number=number).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


def url_of(ticket: Ticket) -> str:
    return reverse("tickets:ticket", args=[ticket.ticket_number])


def url_in_list(request: HttpRequest, number: str) -> str:
    """The address of the ticket's page, which still knows the list that one came from."""
    query = request.GET.urlencode()
    address = reverse("tickets:ticket", args=[number])
    return f"{address}?{query}" if query else address
