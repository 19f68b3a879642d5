"""The history of a ticket on its page, and what it means for one's inbox that one has seen it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import DatabaseError

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest
from config.requests import looks_ahead
from tickets import permissions
from tickets.inbox import read_marks
from tickets.models import HistoryEntry, Ticket

log = logging.getLogger("tickets.views")

# How many entries a page shows unless all are asked for.
MOST_ENTRIES = 50


@dataclass(frozen=True, slots=True)
class ShownHistory:
    """The newest entries first, and whether older ones are left out."""

    entries: list[HistoryEntry]
    is_shortened: bool


def shown_history(request: SignedInRequest, ticket: Ticket) -> ShownHistory:
    """The newest entries, or all of them with `?history=all`. Where a person sees them now, they become read."""
    everything = request.GET.get("history") == "all"
    entries = ticket.history.newest_first().select_related("user")
    shown = list(entries if everything else entries[:MOST_ENTRIES])
    if request.method == "GET" and not looks_ahead(request):
        _mark_as_read(request, ticket, shown)
    return ShownHistory(shown, is_shortened=not everything and ticket.version > MOST_ENTRIES)


def people_of(ticket: Ticket, history: ShownHistory) -> list[User]:
    """Everybody whom the page names, each once: author and reviewer first."""
    named = [ticket.created_by, ticket.reviewed_by, ticket.deleted_by, *(entry.user for entry in history.entries)]
    return list({person.pk: person for person in named if person}.values())


def _mark_as_read(request: SignedInRequest, ticket: Ticket, entries: list[HistoryEntry]) -> None:
    """Mark what the inbox tells of these entries as read, if it can tell anything of them.

    A database that cannot be written to is logged and no more: it is no reason to keep somebody from reading.
    """
    user = request.user
    is_notified = user.pk == ticket.created_by_id or permissions.can_review(user, ticket)
    is_new = any(entry.created_at > user.inbox_read_at and entry.user_id != user.pk for entry in entries)
    if not (is_notified and is_new):
        return
    try:
        read_marks.read_ticket(user, ticket.pk, entries[0].version)
    except DatabaseError as error:  # one that can only be read just now, or where somebody else writes for long
        log.warning("What %s reads could not be marked: %s", user.pk, error)
