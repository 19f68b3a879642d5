"""What others did that one wants to hear of."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.sessions import SignedInRequest, sign_in_required
from tickets.context import unread
from tickets.models import HistoryEntry

SHOWN = 100


@require_http_methods(["GET", "POST"])
@sign_in_required
def inbox(request: SignedInRequest) -> HttpResponse:
    """The newest 100; a POST marks all as read."""
    user = request.user
    if request.method == "POST":
        user.inbox_read_at = timezone.now()
        user.save(update_fields=["inbox_read_at"])
        return redirect("tickets:inbox")
    entries = list(HistoryEntry.objects.told_to(user)[:SHOWN])
    return render(request, "tickets/inbox.html", {"entries": entries, "shown": SHOWN})


@require_GET
@sign_in_required
def count(request: SignedInRequest) -> HttpResponse:
    """The number in the navigation, which asks for it again from time to time."""
    return render(request, "base.html#count", {"unread": unread(request.user)})
