"""The limit for requests of people who are signed in: REQUESTS_PER_MINUTE, off unless it is set."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.errors import TooManyRequests
from accounts.limits.counting import take
from accounts.models import RateCounter, User

log = logging.getLogger("accounts.limits")

# How long a request waits for its being counted where the database is busy. Then it goes on uncounted.
WAIT_MS = 250
_ENVIRON = "service_ticket.allowance"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a person's requests in the present minute; `seconds_left` is when the next one begins."""

    limit: int
    left: int
    seconds_left: int


def count_request(request: HttpRequest, person: User) -> None:
    """Count a request, for `describe_allowance` to tell of. Raises TooManyRequests.

    A database that cannot be written, such as a standby or one that is busy, refuses nobody: the limit is there to
    spare it, and reading works.
    """
    limit = settings.REQUESTS_PER_MINUTE
    if not limit:
        return
    try:
        taken = take(person, RateCounter.What.REQUESTS, wait_ms=WAIT_MS)
    except DatabaseError as error:
        log.warning("A request was not counted: %s", error)
        return
    request.META[_ENVIRON] = Allowance(limit, max(0, limit - taken.count), taken.seconds_left)
    if taken.count > limit:
        raise TooManyRequests(limit, taken.seconds_left)


def describe_allowance(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` where the request was counted."""
    allowance = request.META.get(_ENVIRON)
    if isinstance(allowance, Allowance):
        response["RateLimit-Limit"] = str(allowance.limit)
        response["RateLimit-Remaining"] = str(allowance.left)
        response["RateLimit-Reset"] = str(allowance.seconds_left)
