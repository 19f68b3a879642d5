"""Who may do what with a given link. Whoever may see two tickets may link them."""

from __future__ import annotations

from accounts.models import User
from tickets.links.models import TicketLink


def can_remove(user: User, link: TicketLink) -> bool:
    return user.is_manager or link.created_by_id == user.pk
