"""Finding the ticket that another one is to be linked with."""

from __future__ import annotations

from accounts.models import User
from tickets.models import Ticket
from tickets.search.queries import number_in
from tickets.search.similar import similar_tickets

MOST_FOUND = 8


def candidates(user: User, ticket: Ticket, query: str) -> list[Ticket]:
    """Live tickets with all words of the query, newest first, and before them those whose number it is.

    Without a query, those that look like the same problem. Never the ticket itself.
    """
    if not query:
        alike = similar_tickets(user, ticket.title, limit=MOST_FOUND + 1)
        return [other for other in alike if other.pk != ticket.pk][:MOST_FOUND]
    found = Ticket.objects.visible_to(user).live().exclude(pk=ticket.pk).matching_words(query).newest_first()
    number = number_in(query)
    found = found.numbered_first(number) if number else found
    return list(found.defer("description")[:MOST_FOUND])
