"""The page with the list of tickets."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from tickets.listing.presenter import Listing
from tickets.listing.typed_names import Question, with_ids
from tickets.views.by_number import url_of


@require_safe
@sign_in_required
def ticket_list(request: SignedInRequest) -> HttpResponse:
    """The whole page, or its results where htmx asks for them; a search for a full number leads to its ticket.

    A name that was typed for the author or the reviewer leads to the list with that person, or has it asked who is
    meant. htmx follows as browsers do, and takes the address it was led to.
    """
    named = with_ids(request.GET)
    if isinstance(named, QueryDict):
        return redirect(f"{reverse('tickets:list')}?{named.urlencode()}")
    return _show(request, named)


def _show(request: SignedInRequest, question: Question | None) -> HttpResponse:
    listing = Listing(request.GET, request.user)
    in_part = request.headers.get("HX-Target") == "results"
    if ticket := listing.ticket_by_number:
        return HttpResponseClientRedirect(url_of(ticket)) if in_part else redirect(url_of(ticket))
    template = "tickets/list.html#results" if in_part else "tickets/list.html"
    answer = render(request, template, {"listing": listing, "question": question})
    answer["Vary"] = "HX-Target"
    return answer
