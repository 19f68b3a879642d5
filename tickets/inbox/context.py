"""What the inbox shows on every page of the desk: the number of unread notifications in the navigation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from tickets.inbox import notifications

MOST_UNREAD = 100


def unread(user: User) -> str:
    """The number of unread notifications as the navigation shows it: empty for none, `99+` for many."""
    count = notifications.count_unread(user, limit=MOST_UNREAD)
    return f"{MOST_UNREAD - 1}+" if count == MOST_UNREAD else str(count or "")


def inbox(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"unread": SimpleLazyObject(lambda: unread(user) if isinstance(user, User) else "")}
