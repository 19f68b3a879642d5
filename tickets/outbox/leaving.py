"""Links in mails by which one hears no more of a ticket, or gets no more daily mails.

Who has the link may do that, and nothing else, without signing in: a mail program follows it by itself once somebody
presses its button (RFC 8058). It works for as long as the mail is kept.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from tickets.errors import TicketNotFound
from tickets.following.actions import leave_ticket
from tickets.inbox.models import Told, Way
from tickets.inbox.ways import choose_ways, ways_of
from tickets.models import Ticket
from tickets.outbox.claiming import drop_waiting

_SIGNER = "tickets.outbox.leaving"
_DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Whom a link is for, and what they leave: a ticket, or daily mails where that is None."""

    person: User
    ticket: Ticket | None


def link_to_leave(person: User, ticket: Ticket | None) -> str:
    """The path; of daily mails where there is no ticket."""
    subject = ticket.pk.hex if ticket else _DAILY
    return reverse("tickets:leave-by-mail", args=[Signer(salt=_SIGNER).sign(f"{person.pk.hex}.{subject}")])


def read_link(token: str) -> Leaving | None:
    """None where the link was not made here."""
    try:
        person, _dot, subject = Signer(salt=_SIGNER).unsign(token).partition(".")
    except BadSignature:
        return None
    found = User.objects.filter(pk=uuid.UUID(person)).first()
    if found is None:
        return None
    ticket = None if subject == _DAILY else Ticket.objects.filter(pk=uuid.UUID(subject)).first()
    return Leaving(found, ticket) if ticket or subject == _DAILY else None


@transaction.atomic
def leave(leaving: Leaving) -> None:
    """What waits to be mailed of it is not mailed. To leave twice changes nothing."""
    person = leaving.person
    waiting = Told.objects.filter(user=person)
    if leaving.ticket is None:
        daily = [kind for kind, way in ways_of(person).items() if way == Way.DIGEST]
        choose_ways(person, dict.fromkeys(daily, Way.INBOX))
        drop_waiting(waiting.filter(kind__in=daily))
        return
    with suppress(TicketNotFound):  # of a deleted ticket nothing more is told anyway
        leave_ticket(person, leaving.ticket.pk)
    drop_waiting(waiting.filter(ticket=leaving.ticket))
