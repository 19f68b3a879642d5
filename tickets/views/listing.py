"""The page with the list of tickets."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from tickets.listing.presenter import Listing
from tickets.views.by_number import url_of


@require_safe
@sign_in_required
def ticket_list(request: SignedInRequest) -> HttpResponse:
    """The whole page, or its results where htmx asks for them; a search for a full number leads to its ticket."""
    listing = Listing(request.GET, request.user)
    in_part = request.headers.get("HX-Target") == "results"
    if ticket := listing.ticket_by_number:
        return HttpResponseClientRedirect(url_of(ticket)) if in_part else redirect(url_of(ticket))
    template = "tickets/list.html#results" if in_part else "tickets/list.html"
    answer = render(request, template, {"listing": listing})
    answer["Vary"] = "HX-Target"
    return answer
