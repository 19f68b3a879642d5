"""Writing a ticket, beside what looks like the same problem."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signing_in.sessions import SignedInRequest, in_background, sign_in_required, take_kept_form
from tickets import actions, permissions
from tickets.errors import TicketNotFound
from tickets.forms import NewTicketForm
from tickets.models import Ticket
from tickets.search.similar import similar_tickets
from tickets.views.by_number import url_of


@require_http_methods(["GET", "POST"])
@sign_in_required
def new(request: SignedInRequest) -> HttpResponse:
    """A form that is sent twice makes one ticket, and both answers lead to it. `look` only looks for similar ones."""
    if request.method == "GET":
        typed = take_kept_form(request)
        form = NewTicketForm(initial=typed)
        return render(request, "tickets/new.html", {"form": form, "is_typed": typed is not None})
    if "look" in request.POST:
        form = NewTicketForm(initial=request.POST.dict())
        similar = similar_tickets(request.user, request.POST.get("title", ""))
        return render(request, "tickets/new.html", {"form": form, "is_typed": True, "looked": True, "tickets": similar})
    form = NewTicketForm(request.POST)
    if not form.is_valid():
        return render(request, "tickets/new.html", {"form": form, "is_typed": True}, status=422)
    key, fields = form.submission()
    ticket = actions.create_ticket_once(request.user, key, **fields)
    if ticket.deleted_at is not None:
        return _deleted_meanwhile(request, ticket)
    messages.success(request, _("Raised as %(number)s. A manager will review it.") % {"number": ticket.ticket_number})
    if ticket.due_date < timezone.now():
        messages.warning(request, _("The due date lies in the past, so the ticket counts as overdue already."))
    return redirect(url_of(ticket))


def _deleted_meanwhile(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    """The form was sent before, and its ticket is gone: whoever can bring it back is led there, others may go on."""
    if permissions.can_restore(request.user, ticket):
        return redirect(url_of(ticket))
    again = NewTicketForm({**request.POST.dict(), "key": str(uuid.uuid4())})
    again.add_error(
        None, _("You have raised this before, and somebody has deleted it. Send it again to raise it anew.")
    )
    return render(request, "tickets/new.html", {"form": again, "is_typed": True}, status=TicketNotFound.status)


@require_safe
@in_background
def similar(request: SignedInRequest) -> HttpResponse:
    """Live tickets that look like the same problem as the title so far."""
    tickets = similar_tickets(request.user, request.GET.get("title", ""))
    template = "tickets/similar.html#found" if request.headers.get("HX-Request") else "tickets/similar.html"
    return render(request, template, {"tickets": tickets, "looked": True})
