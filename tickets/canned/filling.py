"""Canned texts as they read for a given ticket."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from accounts.models import User
from tickets.canned.models import MOST_OFFERED, CannedText
from tickets.models import Ticket
from tickets.workflow import Severity

_PLACE = re.compile(r"\{(ticket|author|severity)\}")


@dataclass(frozen=True, slots=True)
class FilledText:
    id: uuid.UUID
    name: str
    text: str


def filled(text: str, ticket: Ticket) -> str:
    """The text with the number of this ticket, what its author is called, and its severity in words.

    All at once, so that what looks like a place in somebody's name is left as it is.
    """
    words = {
        "ticket": ticket.ticket_number,
        "author": ticket.created_by.shown_name,
        "severity": str(Severity(ticket.severity).label),
    }
    return _PLACE.sub(lambda place: words[place[1]], text)


def with_canned(user: User, ticket: Ticket, typed: str, chosen: str) -> str:
    """What was typed, and below it the text of the chosen id, if this person may use it."""
    texts = [each.text for each in offered_texts(user, ticket) if str(each.id) == chosen]
    return "\n".join(text for text in (typed, *texts) if text)


def offered_texts(user: User, ticket: Ticket) -> list[FilledText]:
    """Up to MOST_OFFERED of the texts that this person may use, their own first, as they read for this ticket."""
    texts = CannedText.objects.visible_to(user).own_first(user)[:MOST_OFFERED]
    return [FilledText(canned.pk, canned.name, filled(canned.text, ticket)) for canned in texts]
