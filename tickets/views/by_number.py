"""Tickets by the number in an address, and the addresses of tickets."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from tickets.errors import TicketNotFound
from tickets.following.reading import with_following
from tickets.inbox.notifications import with_unread
from tickets.models import Ticket, TicketQuerySet
from tickets.review.leases import with_holder
from tickets.texts.numbers import has_form


def live_ticket(number: str, user: User) -> Ticket:
    """The live ticket of this number, if this person may see it. Raises TicketNotFound, for a deleted one as well."""
    return _ticket(number, Ticket.objects.visible_to(user).live(), user)


def visible_ticket(number: str, user: User) -> Ticket:
    """The ticket of this number, if this person may see it, be it deleted or not. Raises TicketNotFound."""
    return _ticket(number, Ticket.objects.visible_to(user), user)


def _ticket(number: str, tickets: TicketQuerySet, user: User) -> Ticket:
    """With all that the page of a ticket says of it and this person."""
    if not has_form(number):
        raise TicketNotFound
    people = ("created_by", "reviewed_by", "deleted_by")
    tickets = with_unread(with_following(tickets.select_related(*people), user), user).with_asked()
    tickets = with_holder(tickets)
    ticket = tickets.filter(ticket_number=number).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


def url_of(ticket: Ticket) -> str:
    return reverse("tickets:ticket", args=[ticket.ticket_number])


def url_with_canned(request: HttpRequest, ticket: Ticket, field: str) -> str:
    """The address of the ticket's page, with the canned texts for the field of this id opened there."""
    query = request.GET.copy()
    query["canned"] = field
    return f"{url_of(ticket)}?{query.urlencode()}#canned-{field}"


def url_in_list(request: HttpRequest, number: str) -> str:
    """The address of the ticket's page, which still knows the list that one came from."""
    query = request.GET.urlencode()
    address = reverse("tickets:ticket", args=[number])
    return f"{address}?{query}" if query else address
