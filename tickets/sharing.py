"""Seeing to it that nobody deletes a ticket of which something is being said that does not change it."""

from __future__ import annotations

import uuid

from django.db import connection

from accounts.models import User
from tickets.errors import TicketNotFound
from tickets.models import Ticket

# A share of the row that only whoever locks all of it, as deleting does, has to wait for, and who has to be waited for.
# An import, which changes no more than the status, passes. SQLite has one writer at a time.
_SHARED = {"postgresql": " FOR KEY SHARE", "sqlite": ""}


def share_live_tickets(user: User, *ticket_ids: uuid.UUID) -> None:
    """Have these tickets stay live to the end of the transaction. Raises TicketNotFound where this person sees one not.

    Django knows no such lock. Where somebody is just deleting one of them, the database waits for them and then looks
    at the row again. Several are shared newest first, which is the order in which an action on many goes through them:
    so nobody waits for who waits for them.
    """
    ids = set(ticket_ids)
    tickets = Ticket.objects.visible_to(user).live().filter(pk__in=ids).newest_first().values("pk")
    statement, parameters = tickets.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement + _SHARED[connection.vendor], parameters)
        if len(cursor.fetchall()) < len(ids):
            raise TicketNotFound
