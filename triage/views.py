"""The suggestion beside a ticket that is being written."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.sessions import SignedInRequest, in_background
from tickets.models import DESCRIPTION_LENGTH, TITLE_LENGTH
from triage.suggest import suggest_severity


@require_POST
@in_background
def suggestion(request: SignedInRequest) -> HttpResponse:
    """For as much of title and description as there is yet; none without a title."""
    title = request.POST.get("title", "").strip()[:TITLE_LENGTH]
    description = request.POST.get("description", "")[:DESCRIPTION_LENGTH]
    made = suggest_severity(request.user, title=title, description=description) if title else None
    return render(request, "triage/suggestion.html", {"suggestion": made})
