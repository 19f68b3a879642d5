"""Who may use an endpoint or page at all. What one may do with a given ticket is in tickets/permissions.py."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User


class IsManager(BasePermission):
    """Signed in, and a manager by role. The staff flag of the admin does not count."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.is_manager
