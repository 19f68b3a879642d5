"""Writing a ticket, beside what looks like the same problem."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.sessions import SignedInRequest, sign_in_required, take_kept_form
from tickets import actions
from tickets.forms import NewTicketForm
from tickets.models import Ticket
from tickets.views.ticket import url_of


@require_http_methods(["GET", "POST"])
@sign_in_required
def new(request: SignedInRequest) -> HttpResponse:
    """A form that is sent twice makes one ticket, and both answers lead to it."""
    if request.method == "GET":
        form = NewTicketForm(initial=take_kept_form(request))
        return render(request, "tickets/new.html", {"form": form})
    form = NewTicketForm(request.POST)
    if not form.is_valid():
        return render(request, "tickets/new.html", {"form": form}, status=422)
    fields: dict[str, Any] = form.cleaned_data
    key = fields.pop("key")
    if key is None:
        ticket = actions.create_ticket(request.user, **fields)
    else:
        ticket = actions.create_ticket_once(request.user, key, **fields)
    messages.success(request, _("Raised as %(number)s. A manager will review it.") % {"number": ticket.ticket_number})
    return redirect(url_of(ticket))


@require_GET
@sign_in_required
def similar(request: SignedInRequest) -> HttpResponse:
    """Live tickets that look like the same problem as the title so far."""
    tickets = Ticket.objects.live().resembling(request.GET.get("title", ""))
    return render(request, "tickets/similar.html", {"tickets": tickets})
