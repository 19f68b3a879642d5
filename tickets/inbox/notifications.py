"""Notifications: what others did to tickets, and said about them, and the person who looks wants to hear of.

Authors are told when their ticket was sent back, approved or closed, managers when a draft waits for their review.
Nothing is written down for that. Such a notification is an entry of the history, looked up for whoever asks, so one can
neither be lost nor tell of something that did not happen. What has been read is in ReadMark and in the person's
`inbox_read_at` (tickets/inbox/read_marks.py).

Of what is said whoever follows the ticket is told, and whoever is named. That is written down as it is said, since who
follows a ticket changes (telling.py, beside this), and each has a mark of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from accounts.models import User
from tickets.inbox.models import ReadMark, Told, ToldQuerySet
from tickets.models import HistoryEntry, HistoryQuerySet, Ticket, TicketQuerySet

# Where no moment is given since which to look, an author hears of that many of their tickets, those that changed last.
MOST_OWN_TICKETS = 500


def newest(
    user: User,
    *,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    with_read: bool = False,
) -> list[HistoryEntry]:
    """The newest `limit` notifications, newest first, each with its ticket (without description) and who did it.

    `since` is exclusive, `until` inclusive. `with_read` adds `is_read`: whether this person has read it.
    """
    entries = _with_read(user) if with_read else HistoryEntry.objects.all()
    kinds = [
        _about_own(entries, user, since),
        _to_review(entries, user, limit, since, until, among=Ticket.objects.all()),
    ]
    if until:
        kinds = [kind.made_until(until) for kind in kinds]
    found = [
        entry for kind in kinds for entry in kind.select_related("ticket", "user").defer("ticket__description")[:limit]
    ]
    return sorted(found, key=lambda entry: (entry.created_at, entry.version), reverse=True)[:limit]


def newest_said(user: User, *, limit: int, since: datetime | None = None, until: datetime | None = None) -> list[Told]:
    """The newest `limit` of what this person is told was said, newest first, each with ticket, comment and author."""
    said = _said(user, since, until).select_related("ticket", "comment__author").defer("ticket__description")
    return list(said.newest_first()[:limit])


def count(user: User, *, since: datetime, until: datetime, limit: int) -> int:
    """How many notifications there are in this time; counting ends at `limit`."""
    entries = HistoryEntry.objects.all()
    kinds = [
        _about_own(entries, user, since),
        _to_review(entries, user, limit, since, until, among=Ticket.objects.all()),
    ]
    return _count([*(kind.made_until(until) for kind in kinds), _said(user, since, until)], limit)


def unread(user: User, *, limit: int) -> list[tuple[uuid.UUID, int, datetime]]:
    """Ticket, version and time of the unread notifications: the newest `limit` of each kind."""
    columns = ("ticket", "version", "created_at")
    return [row for kind in _unread(user, limit) for row in kind.values_list(*columns)[:limit]]


def count_unread(user: User, *, limit: int) -> int:
    """How many notifications this person has not read; counting ends at `limit`."""
    return _count([*_unread(user, limit), _said(user).unread_by(user)], limit)


def with_unread(tickets: TicketQuerySet, user: User) -> TicketQuerySet:
    """Loads as `has_unread` whether this person is told of something said about the ticket and has not read it."""
    found: dict[str, Any] = {"has_unread": Exists(Told.objects.unread_by(user).filter(ticket=OuterRef("pk")))}
    return tickets.annotate(**found)


def unread_said(user: User, ticket: Ticket) -> list[int]:
    """The keys of what `with_unread` has found. Ask before you look up what was said, so that all of it is seen."""
    if not ticket.has_unread:
        return []
    return list(Told.objects.unread_by(user).filter(ticket=ticket).values_list("pk", flat=True))


def _count(kinds: Iterable[QuerySet[Any, Any]], limit: int) -> int:
    """In one statement, since every page of the desk has this count. Django can express none of several counts."""
    counts, parameters = [], list[Any]()
    for kind in kinds:
        with suppress(EmptyResultSet):  # of what this person is never told
            sql, more = kind.order_by().values("pk")[:limit].query.sql_with_params()
            counts.append(f"(SELECT COUNT(*) FROM ({sql}) AS kind)")  # noqa: S608  # nosec B608 # of Django's own making
            parameters += more
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' + '.join(counts)}", parameters)
        counted: int = cursor.fetchone()[0]
    return min(limit, counted)


def _said(user: User, since: datetime | None = None, until: datetime | None = None) -> ToldQuerySet:
    said = Told.objects.filter(user=user).about(Ticket.objects.visible_to(user).live())
    said = said.filter(created_at__gt=since) if since else said
    return said.filter(created_at__lte=until) if until else said


def _unread(user: User, limit: int) -> list[HistoryQuerySet]:
    marks, since = ReadMark.objects, user.inbox_read_at
    entries = HistoryEntry.objects.exclude(marks.cover(user, ticket="ticket", version="version"))
    # Drafts are limited before their entries are looked up, so those that are read have to be left out before as well.
    tickets = Ticket.objects.exclude(marks.cover(user, ticket="pk", version="version"))
    return [_about_own(entries, user, since), _to_review(entries, user, limit, since, among=tickets)]


def _with_read(user: User) -> HistoryQuerySet:
    is_marked = ReadMark.objects.cover(user, ticket="ticket", version="version")
    read = Q(created_at__lte=user.inbox_read_at) | Q(is_marked)
    return HistoryEntry.objects.annotate(is_read=Case(When(read, then=Value(True)), default=Value(False)))


def _about_own(entries: HistoryQuerySet, user: User, since: datetime | None) -> HistoryQuerySet:
    """What became of this person's own tickets.

    Entries are looked up by way of their tickets: an entry is never newer than its ticket's last change, and on that
    and the author there is an index, while the history has none on either. So it costs as much as the person has
    tickets that changed, and not as much as the desk has history.
    """
    tickets = Ticket.objects.visible_to(user).live().raised_by(user).order_by("-updated_at")
    tickets = tickets.changed_after(since).order_by() if since else tickets[:MOST_OWN_TICKETS]
    entries = entries.reviews_and_closings().of_tickets(tickets).order_by("-created_at")
    return entries.made_after(since) if since else entries


def _to_review(
    entries: HistoryQuerySet,
    user: User,
    limit: int,
    since: datetime | None,
    until: datetime | None = None,
    *,
    among: TicketQuerySet,
) -> HistoryQuerySet:
    """Of each of the newest `limit` drafts the entry that made it wait, unless this person made it themselves."""
    if not user.is_manager:
        return entries.none()
    drafts = among.awaiting_review_by(user).order_by("-updated_at")
    drafts = drafts.changed_after(since) if since else drafts
    drafts = drafts.changed_until(until) if until else drafts
    return entries.latest_of(drafts[:limit]).exclude(user=user).order_by("-created_at")
