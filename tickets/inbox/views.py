"""The page with a person's notifications, and the number of unread ones in the navigation."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, in_background, sign_in_required
from config import clock
from config.ids import parse_uuid
from tickets.inbox import notifications, read_marks
from tickets.models import HistoryEntry, Ticket
from tickets.templatetags.desk import unread_notifications

SHOWN = 100


@require_http_methods(["GET", "POST"])
@sign_in_required
def inbox(request: SignedInRequest) -> HttpResponse:
    """The newest 100. A POST marks one of them as `read`, or all that were there when the page was made.

    It names entries by their ticket's id, a full stop and the version.
    """
    user = request.user
    if request.method == "POST":
        if "read" in request.POST:
            for ticket_id, version in _entries(user, request.POST.getlist("read")):
                read_marks.read_ticket(user, ticket_id, version)
        else:
            shown, until = _entries(user, request.POST.getlist("shown")), _moment(request.POST.get("until", ""))
            before = _moment(request.POST["before"]) if "before" in request.POST else None
            read_marks.read_all(user, until, shown=shown, before=before)
        return redirect("tickets:inbox")
    entries = notifications.newest(user, limit=SHOWN, with_read=True)
    return render(request, "tickets/inbox.html", {"entries": entries, "is_shortened": len(entries) == SHOWN})


def _entries(user: User, texts: list[str]) -> list[read_marks.Entry]:
    """The entries that a form names. What is no entry of a live ticket that this person may see is left out."""
    named = [entry for text in texts[:SHOWN] if (entry := _entry(text))]
    tickets = Ticket.objects.visible_to(user).live().filter(pk__in=[ticket_id for ticket_id, _version in named])
    there = HistoryEntry.objects.of_tickets(tickets).values_list("ticket", "version")
    return sorted(set(named) & set(there)) if named else []


def _entry(text: str) -> read_marks.Entry | None:
    ticket_id, _dot, version = text.partition(".")
    try:
        return parse_uuid(ticket_id), int(version[:9])
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    """The time of an entry that was shown; never one that lies ahead."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    now = clock.now()
    return min(moment, now) if moment is not None and timezone.is_aware(moment) else now


@require_safe
@in_background
def count(request: SignedInRequest) -> HttpResponse:
    """The number in the navigation, which asks for it again from time to time."""
    if not request.headers.get("HX-Request"):
        return redirect("tickets:inbox")
    return render(request, "base.html#count", {"unread": unread_notifications(request.user)})
