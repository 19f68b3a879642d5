"""Following a ticket and leaving it. To say either twice changes nothing, and neither changes the ticket."""

from __future__ import annotations

import uuid

from django.db import transaction

from accounts.models import User
from tickets.following.models import FollowChoice
from tickets.sharing import share_live_tickets


def follow_ticket(user: User, ticket_id: uuid.UUID) -> None:
    """Any live ticket that this person may see. Raises TicketNotFound."""
    _choose(user, ticket_id, follows=True)


def leave_ticket(user: User, ticket_id: uuid.UUID) -> None:
    """No longer follow it, also where something else is done with it afterwards. Raises TicketNotFound."""
    _choose(user, ticket_id, follows=False)


@transaction.atomic
def _choose(user: User, ticket_id: uuid.UUID, *, follows: bool) -> None:
    share_live_tickets(user, ticket_id)
    choice = FollowChoice(user=user, ticket_id=ticket_id, follows=follows)
    unique = ["ticket", "user"]
    FollowChoice.objects.bulk_create([choice], update_conflicts=True, unique_fields=unique, update_fields=["follows"])
