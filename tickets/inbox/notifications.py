"""Notifications: what others said about tickets and did to them, as one person is told of it.

A row is written for each person as it happens (telling.py and moved.py, beside this), since who follows a ticket and
what they want to hear of changes, and because so much has happened on a desk that nobody could look it up each time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from tickets.following.reading import what_connects
from tickets.inbox.models import Kind, Told, ToldQuerySet
from tickets.links.duplicates import name_duplicates
from tickets.models import Ticket, TicketQuerySet

_KEY_LENGTH = 19  # digits; of keys that long databases do not hold all


def is_key(text: str) -> bool:
    """Whether the text can be the key of a row."""
    return text.isdecimal() and len(text) < _KEY_LENGTH


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the inbox ends: at the row of this time and key."""

    at: datetime
    key: int

    @classmethod
    def of(cls, told: Told) -> Place:
        return cls(told.created_at, told.pk)

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that is written so by `str`; None where it is none."""
        at, _tilde, key = text.partition("~")
        try:
            moment = parse_datetime(at)
        except ValueError:
            return None
        if moment is None or timezone.is_naive(moment) or not is_key(key):
            return None
        return cls(moment, int(key))

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.key}"


def newest(
    user: User,
    *,
    limit: int,
    kind: Kind | None = None,
    before: Place | None = None,
    among: Collection[int] | None = None,
    with_reasons: bool = False,
) -> list[Told]:
    """The newest `limit` of what this person is told of, or of those of these keys, with all that is shown of each.

    Those of this kind, and older than what stands at the place `before`, where these are given. `is_open` is whether
    the person can open the ticket. `with_reasons` loads what tickets/following/reading.py tells the reasons from.
    """
    told = shown_to(user).newest_first().select_related("ticket", "comment__author", "entry__user")
    can_open: dict[str, Any] = {"is_open": Exists(Ticket.objects.visible_to(user).filter(pk=OuterRef("ticket")))}
    told = told.defer("ticket__description", "comment__html").annotate(**can_open)
    if among is not None:
        told = told.filter(pk__in=among)
    if with_reasons:
        told = told.annotate(**what_connects(user, "ticket"))
    found = list(narrowed(told, kind, before)[:limit])
    name_duplicates(user, found)
    return found


def narrowed(told: ToldQuerySet, kind: Kind | None, before: Place | None) -> ToldQuerySet:
    if before:
        is_older = Q(created_at__lt=before.at) | Q(created_at=before.at, pk__lt=before.key)
        told = told.filter(is_older, created_at__lte=before.at)
    return told.filter(kind=kind) if kind else told


def shown_to(user: User) -> ToldQuerySet:
    return Told.objects.shown_to(user, Ticket.objects.visible_to(user).live())


def count_unread(user: User, *, limit: int) -> int:
    """How many notifications this person has not read; counting ends at `limit`."""
    return shown_to(user).unread_by(user)[:limit].count()


def with_unread(tickets: TicketQuerySet, user: User) -> TicketQuerySet:
    """Loads as `has_unread` whether this person is told of something about the ticket and has not read it."""
    found: dict[str, Any] = {"has_unread": Exists(Told.objects.unread_by(user).filter(ticket=OuterRef("pk")))}
    return tickets.annotate(**found)


def unread_about(user: User, ticket: Ticket) -> list[int]:
    """The keys of what `with_unread` has found. Ask before you look up what is shown, so that all of it is seen."""
    if not ticket.has_unread:
        return []
    return list(Told.objects.unread_by(user).filter(ticket=ticket).values_list("pk", flat=True))
