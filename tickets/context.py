"""What every page of the desk shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from tickets.models import HistoryEntry


def unread(user: User) -> int:
    """How many things others did that this person has not read of yet."""
    return HistoryEntry.objects.told_to(user).filter(created_at__gt=user.inbox_read_at).count()


def inbox(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"unread": SimpleLazyObject(lambda: unread(user) if isinstance(user, User) else 0)}
