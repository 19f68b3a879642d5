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
from tickets.inbox import read_marks
from tickets.inbox.grouping import grouped, newest_things
from tickets.models import HistoryEntry, Ticket
from tickets.templatetags.desk import unread_notifications

SHOWN = 100
MOST_VERSIONS = 10**9


@require_http_methods(["GET", "POST"])
@sign_in_required
def inbox(request: SignedInRequest) -> HttpResponse:
    """The newest 100 things. A POST marks those of one ticket as `read`, or all that were there when the page was made.

    It names things as Group.mark does.
    """
    user = request.user
    if request.method == "POST":
        if "read" in request.POST:
            entries, said = _marked(user, request.POST.getlist("read"))
            for ticket_id, version in entries:
                read_marks.read_ticket(user, ticket_id, version)
            read_marks.read_said(user, said)
        else:
            (shown, said), until = _marked(user, request.POST.getlist("shown")), _moment(request.POST.get("until", ""))
            before = _moment(request.POST["before"]) if "before" in request.POST else None
            read_marks.read_all(user, until, shown=shown, said=said, before=before)
        return redirect("tickets:inbox")
    things = newest_things(user, limit=SHOWN, with_read=True)
    context = {"things": things, "groups": grouped(things), "is_shortened": len(things) == SHOWN}
    return render(request, "tickets/inbox.html", context)


def _marked(user: User, texts: list[str]) -> tuple[list[read_marks.Entry], list[int]]:
    """The entries and what was said that a form names.

    An entry that is none of a live ticket that this person may see is left out.
    """
    named, said = set[read_marks.Entry](), list[int]()
    for ticket_id, *numbers in (text.split(".")[: 2 + SHOWN] for text in texts[:SHOWN]):
        try:
            version, *keys = [int(number[:18]) for number in numbers]
            named.add((parse_uuid(ticket_id), min(version, MOST_VERSIONS)))
        except ValueError:
            continue
        said += keys
    tickets = Ticket.objects.visible_to(user).live().filter(pk__in=[ticket_id for ticket_id, _version in named])
    there = HistoryEntry.objects.of_tickets(tickets).values_list("ticket", "version")
    return sorted(named & set(there)) if named else [], said


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
