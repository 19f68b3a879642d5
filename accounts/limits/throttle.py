"""The limit for requests as DRF asks for it, which is once it knows who asks and before any view does anything."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.limits.requests import count_request
from accounts.models import User


class PersonThrottle(BaseThrottle):
    """Counts each request of a person. Endpoints that are exempt say `throttle_classes = []`.

    DRF's own throttles count in a cache and read, add and write in three steps, between which others do the same.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Always; it raises TooManyRequests by itself, which says how long to wait."""
        if isinstance(request.user, User):
            count_request(request._request, request.user)
        return True
