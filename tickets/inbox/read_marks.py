"""Marking notifications as read and as unread: each by itself, or all that there are.

Only what was on a page that the person saw, or is older than all on it, becomes read. Each step is one statement that
locks its rows in the order of their keys, as whoever settles drafts does (telling.py), so that neither several tabs of
one person nor the two of them can deadlock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction

from accounts.models import User
from config import clock
from tickets.inbox.models import Kind, Told, ToldQuerySet
from tickets.inbox.notifications import Place, narrowed, shown_to

# What was read is there for so long. What it tells of stays with its ticket.
READ_KEPT = timedelta(days=365)


def read(user: User, keys: Collection[int]) -> None:
    _mark(Told.objects.filter(user=user, pk__in=keys), is_read=True)


def unread(user: User, keys: Collection[int]) -> None:
    _mark(Told.objects.filter(user=user, pk__in=keys), is_read=False)


def read_all(user: User, *, shown: Collection[int], kind: Kind | None = None, before: Place | None = None) -> None:
    """Those that were `shown`, and where the page left older ones out, which lie `before` its last, those as well.

    Of the latter only those of `kind`, where one is given, and none of which nothing is shown at present.
    """
    read(user, shown)
    if before:
        _mark(narrowed(shown_to(user), kind, before), is_read=True)


@transaction.atomic
def _mark(told: ToldQuerySet, *, is_read: bool) -> None:
    rows = told.exclude(is_read=is_read).select_for_update().order_by("pk")
    Told.objects.filter(pk__in=rows.values("pk")).update(is_read=is_read)


def remove_old() -> int:
    """Delete what was read and is older than READ_KEPT, but for what waits to be mailed; the number of rows."""
    old = Told.objects.filter(is_read=True, mail_due_at=None, created_at__lt=clock.now() - READ_KEPT)
    return old.delete()[0]
