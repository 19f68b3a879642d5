"""Which mail is next, and keeping others from sending it too.

A mail is made of rows of Told: of all that a person has to be mailed of one ticket or, in a daily mail, of all that is
due by then. Whoever sends it claims its rows first: they get the key of the mail, and the time of the next try, which
is after any answer of a mail server. That is committed before a mail server is spoken to, so nothing is locked
meanwhile. Where the process dies, the time comes, and the same mail with the same key is sent by another one. The key
stays while a mail is tried again, so that what comes to the ticket later gets a mail of its own: the mail server may
have taken the first one although that was not heard.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from config import clock
from tickets.inbox.models import Kind, Told, ToldQuerySet, Way
from tickets.inbox.waking import wake
from tickets.inbox.ways import ways_of

# Longer than a mail server may take for one mail: it has ten seconds for each of some ten answers.
LEASE = timedelta(minutes=5)
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 40, 60, 120, 240)]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this process alone may send until then. `attempts` are those that have failed."""

    key: uuid.UUID
    person: User
    is_digest: bool
    until: datetime
    attempts: int

    @property
    def rows(self) -> ToldQuerySet:
        return Told.objects.filter(mail_due_at=self.until, mail_claim=self.key)

    @property
    def pause(self) -> timedelta:
        """How long to wait after this try, should it fail."""
        return PAUSES[min(self.attempts, len(PAUSES) - 1)]


def claim_next() -> Claimed | None:
    """The mail that is due for longest; None where none is due that nobody else is about to send."""
    while (due_at := next_due()) and due_at <= clock.now():  # asked without the lock for writing that SQLite has
        with transaction.atomic():
            now = clock.now()
            due = Told.objects.filter(mail_due_at__lte=now).select_related("user").order_by("mail_due_at", "pk")
            first = due.select_for_update(skip_locked=True, of=("self",)).first()
            if first is None:
                return None
            if claimed := _claim(first, now):
                wake(claimed.until)  # for whoever is there if this process is not
                return claimed
    return None


@transaction.atomic
def finish(mail: Claimed) -> None:
    """It was sent, or never will be."""
    _change(_locked(mail.rows), due_at=None, key=None)


@transaction.atomic
def postpone(mail: Claimed, pause: timedelta) -> datetime:
    """It could not be sent; the time at which it will be tried again."""
    due_at = clock.now() + pause
    Told.objects.filter(pk__in=_locked(mail.rows)).update(mail_due_at=due_at, mail_attempts=F("mail_attempts") + 1)
    return due_at


def next_due() -> datetime | None:
    """When there is something to do."""
    waiting = Told.objects.filter(mail_due_at__isnull=False).order_by("mail_due_at")
    return waiting.values_list("mail_due_at", flat=True).first()


@transaction.atomic
def drop_waiting(rows: ToldQuerySet) -> None:
    """These need no mail any more. One that is being sent right now is not tried again should that fail."""
    _change(_locked(rows.filter(mail_due_at__isnull=False)), due_at=None, key=None)


def _claim(first: Told, now: datetime) -> Claimed | None:
    """The mail that this row, which is locked, belongs to; None where it needs none, which is noted then.

    Whoever has locked others of its rows is not waited for, since they may wait for this one: those rows are left out.
    """
    person, ways = first.user, ways_of(first.user)
    way = ways[Kind(first.kind)]
    if first.is_read or not person.is_active or way not in (Way.MAIL, Way.DIGEST):
        _drop_unwanted(person, ways)
        return None
    rows = Told.objects.filter(user=person, mail_claim=first.mail_claim, mail_due_at__isnull=False)
    if first.mail_claim is None:
        rows = rows.filter(is_read=False, kind__in=[kind for kind in Kind if ways[kind] == way])
        rows = rows.filter(mail_due_at__lte=now) if way == Way.DIGEST else rows.filter(ticket=first.ticket_id)
    key, until = first.mail_claim or uuid.uuid4(), now + LEASE
    _change(_free(rows), until, key)
    return Claimed(key, person, way == Way.DIGEST, until, first.mail_attempts)


def _drop_unwanted(person: User, ways: dict[Kind, Way]) -> None:
    """What this person has read meanwhile, or no longer wants by mail. Who cannot sign in is mailed nothing."""
    rows = Told.objects.filter(user=person)
    if person.is_active:
        unwanted = [kind for kind, way in ways.items() if way not in (Way.MAIL, Way.DIGEST)]
        rows = rows.filter(Q(is_read=True) | Q(kind__in=unwanted))
    _change(_free(rows.filter(mail_due_at__isnull=False)), due_at=None, key=None)


def _change(locked: QuerySet[Told, Any], due_at: datetime | None, key: uuid.UUID | None) -> None:
    Told.objects.filter(pk__in=locked).update(mail_due_at=due_at, mail_claim=key)


def _locked(rows: ToldQuerySet) -> QuerySet[Told, Any]:
    """Whoever changes several of these rows locks them in the order of their keys, as read_marks.py does."""
    return rows.select_for_update().order_by("pk").values("pk")


def _free(rows: ToldQuerySet) -> QuerySet[Told, Any]:
    """Those that nobody else has locked."""
    return rows.select_for_update(skip_locked=True).order_by("pk").values("pk")
