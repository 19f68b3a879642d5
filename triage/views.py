"""Pages: the suggestion beside a ticket that is being written, and how suggestions have fared."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import manager_required
from accounts.signing_in.sessions import SignedInRequest, in_background
from tickets.models import DESCRIPTION_LENGTH, TITLE_LENGTH
from tickets.texts.characters import is_invisible
from triage.quality.pages import CasePage, QualityPage
from triage.suggest import suggest_severity


@require_POST
@in_background
def suggestion(request: SignedInRequest) -> HttpResponse:
    """A suggestion for as much of title and description as has been written yet; none without a title."""
    title = request.POST.get("title", "").strip()[:TITLE_LENGTH]
    description = request.POST.get("description", "")[:DESCRIPTION_LENGTH]
    made = suggest_severity(request.user, title=title, description=description) if not is_invisible(title) else None
    return render(request, "triage/suggestion.html", {"suggestion": made})


@require_safe
@manager_required
def quality(request: SignedInRequest) -> HttpResponse:
    """How suggestions have fared; `source`, `model` and `month` narrow it."""
    return render(request, "triage/quality.html", {"shown": QualityPage(request.GET)})


@require_safe
@manager_required
def cases(request: SignedInRequest) -> HttpResponse:
    """The tickets behind a figure."""
    return render(request, "triage/cases.html", {"shown": CasePage(request.GET)})
