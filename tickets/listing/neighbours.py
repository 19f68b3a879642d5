"""The way from a ticket to the ones beside it in the list that one came from, and back to that list.

A link in the list carries `list`, the list's query, and `at`, the ticket's place in it: from 0, or from -1 at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from accounts.signing_in.sessions import SignedInRequest
from config.errors import DomainError
from tickets.listing.presenter import Listing
from tickets.models import Ticket

type Link = tuple[Ticket, str]  # a ticket and the query of a link to it


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tickets before and after one, and `back`, the query of the page of the list on which it stands."""

    back: str
    previous: Link | None
    next: Link | None


def neighbours(ticket: Ticket, request: SignedInRequest) -> Neighbours | None:
    """The neighbours of this ticket; None for somebody who came from no list.

    Three rows around the place tell both neighbours. Asking for the tickets before and after this one by what the list
    is sorted by would not do: the ticket may have left the list meanwhile, as after a decision. Then the next one has
    moved up into its place.
    """
    came_from = _list_and_place(request)
    if came_from is None:
        return None
    listing, at = came_from
    # A place counted from the end is looked up in the reversed list: skipping to the last ticket of many takes as
    # little time as to the first. Before and after then change sides.
    from_end = at < 0
    place = -at - 1 if from_end else at
    found = listing.found.only("ticket_number", "title")
    start = max(0, place - 1)
    around = list(enumerate((found.reverse() if from_end else found)[start : place + 2], start))
    nearer = [(i, row) for i, row in around if i < place and row != ticket]
    farther = [(i, row) for i, row in around if i >= place and row != ticket]
    links = [_first_link(listing, rows, from_end=from_end) for rows in (nearer, farther)]
    previous, following = reversed(links) if from_end else links
    return Neighbours(listing.query_of_page_with(at), previous, following)


def way_back(request: SignedInRequest) -> str:
    """The address of the page of the list that one came from; of the whole list for somebody who came from none."""
    came_from = _list_and_place(request)
    query = came_from[0].query_of_page_with(came_from[1]) if came_from else ""
    return f"{reverse('tickets:list')}?{query}" if query else reverse("tickets:list")


def _list_and_place(request: SignedInRequest) -> tuple[Listing, int] | None:
    """The list and the place that the address carries; None where it carries none that can be understood."""
    query, at = request.GET.get("list"), request.GET.get("at", "")
    if query is None or not re.fullmatch("-?[0-9]{1,9}", at):
        return None
    try:
        return Listing(QueryDict(query), request.user), int(at)
    except DomainError:
        return None


def _first_link(listing: Listing, rows: list[tuple[int, Ticket]], *, from_end: bool) -> Link | None:
    if not rows:
        return None
    place, row = rows[0]
    return row, listing.query_for_ticket(-place - 1 if from_end else place)
