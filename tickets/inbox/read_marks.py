"""Marking notifications as read: those of a ticket when it is opened, or all at once.

What is read never becomes unread again, and only what was on a page that the person saw counts as read. Each step is a
transaction of its own that locks rows of one table only, so that several tabs of one person cannot deadlock. Each
thing that was said has a mark of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import batched

from django.db import transaction

from accounts.models import User
from config import clock
from tickets.inbox import notifications
from tickets.inbox.models import ReadMark, Told
from tickets.models import Ticket

MOST_MARKED_AT_ONCE = 10_000


def read_ticket(user: User, ticket_id: uuid.UUID, version: int) -> None:
    """Mark what happened to the ticket up to this version as read."""
    if ReadMark.objects.have_read(user, ticket_id, version):
        return
    _mark(user, [(ticket_id, version)])
    if not notifications.count_unread(user, limit=1):
        _read_until(user, clock.now() - clock.LONGEST_TRANSACTION)


# A ticket, and the version that the entry is of.
type Entry = tuple[uuid.UUID, int]


def read_said(user: User, keys: Collection[int]) -> None:
    """Mark what this person was told was said as read."""
    Told.objects.unread_by(user).filter(pk__in=keys).update(is_read=True)


def read_all(
    user: User,
    until: datetime,
    *,
    shown: Collection[Entry],
    said: Collection[int] = (),
    before: datetime | None = None,
) -> None:
    """Everything is read that was there when a page was made whose newest entry is of the time `until`.

    `shown` and `said` are the unread ones on it. It ended there, or left older ones out that lie `before` its oldest.
    """
    _mark(user, shown)
    read_said(user, said)
    _read_until(user, until - clock.LONGEST_TRANSACTION)
    if before:
        Told.objects.unread_by(user).filter(created_at__lt=before).update(is_read=True)
        left = notifications.unread(user, limit=MOST_MARKED_AT_ONCE)
        _mark(user, [(ticket_id, version) for ticket_id, version, at in left if at < before])


@transaction.atomic
def _mark(user: User, read: Iterable[Entry]) -> None:
    """Raise this person's marks to these versions.

    A mark never goes back, even if another tab writes the same marks at this moment: rows are made where there are
    none, and raised where the stored version is lower at the time of the update.
    """
    newest: dict[uuid.UUID, int] = {}
    for ticket_id, version in read:
        newest[ticket_id] = max(version, newest.get(ticket_id, 0))
    marks = [ReadMark(user=user, ticket_id=ticket_id, version=version) for ticket_id, version in sorted(newest.items())]
    for some in batched(marks, 500):
        ReadMark.objects.bulk_create(some, ignore_conflicts=True)
        there = ReadMark.objects.of(user, [mark.ticket_id for mark in some])
        for mark in there:
            if mark.version < newest[mark.ticket_id]:
                ahead = newest[mark.ticket_id]
                ReadMark.objects.filter(pk=mark.pk, version__lt=ahead).update(version=ahead)


@transaction.atomic
def _read_until(user: User, moment: datetime) -> None:
    """Move the time up to which everything is read, never back, and remove the marks that it makes needless."""
    if User.objects.filter(pk=user.pk, inbox_read_at__lt=moment).update(inbox_read_at=moment):
        user.inbox_read_at = moment
        ReadMark.objects.of(user, Ticket.objects.changed_until(moment).values("pk")).delete()
