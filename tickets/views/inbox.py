"""What others did that one wants to hear of."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.sessions import SignedInRequest, in_background, sign_in_required
from tickets.context import unread
from tickets.models import HistoryEntry

SHOWN = 100


@require_http_methods(["GET", "POST"])
@sign_in_required
def inbox(request: SignedInRequest) -> HttpResponse:
    """The newest 100; a POST marks as read what was there when the page was made (`until`), not what came since."""
    user = request.user
    if request.method == "POST":
        until = _until(request.POST.get("until", ""))
        User.objects.filter(pk=user.pk, inbox_read_at__lt=until).update(inbox_read_at=until)
        return redirect("tickets:inbox")
    entries = HistoryEntry.objects.told_to(user, limit=SHOWN)
    return render(request, "tickets/inbox.html", {"entries": entries, "is_shortened": len(entries) == SHOWN})


def _until(text: str) -> datetime:
    """The time of the newest entry that was shown; never one that lies ahead."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    now = timezone.now()
    return min(moment, now) if moment is not None and timezone.is_aware(moment) else now


@require_safe
@in_background
def count(request: SignedInRequest) -> HttpResponse:
    """The number in the navigation, which asks for it again from time to time."""
    if not request.headers.get("HX-Request"):
        return redirect("tickets:inbox")
    return render(request, "base.html#count", {"unread": unread(request.user)})
