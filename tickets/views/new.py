"""Writing a ticket, beside what looks like the same problem."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signing_in.sessions import SignedInRequest, in_background, sign_in_required, take_kept_form
from config.errors import DomainError
from tickets import actions, permissions
from tickets.errors import TicketNotFound
from tickets.forms import NewTicketForm
from tickets.links.chosen import Chosen
from tickets.models import Ticket
from tickets.search.similar import similar_tickets
from tickets.uploads.actions import attach_waiting
from tickets.uploads.sent import SentFiles
from tickets.views.by_number import url_of


@require_http_methods(["GET", "POST"])
@sign_in_required
def new(request: SignedInRequest) -> HttpResponse:
    """A form that is sent twice makes one ticket, and both answers lead to it. `look` only looks for similar ones.

    `follows`, in the address or the form, is the number of a ticket on which the new one follows up.
    """
    if request.method == "GET":
        return _begin(request)
    chosen, form = Chosen.read(request.user, request.POST), NewTicketForm(request.POST, request.FILES)
    files = SentFiles.read(request.user, request.POST, form.sent)
    if "look" in request.POST:
        return _show(request, NewTicketForm(initial=request.POST.dict()), chosen, files, looked=True)
    if not form.is_valid_with(files):
        return _show(request, form, chosen, files, status=files.status)
    key, fields = form.submission()
    ticket = actions.create_ticket_once(request.user, key, **fields)
    if ticket.deleted_at is not None:
        return _deleted_meanwhile(request, ticket, chosen, files)
    _attach(request, ticket, files)
    refused = chosen.link(request.user, ticket)
    messages.success(request, _("Raised as %(number)s. A manager will review it.") % {"number": ticket.ticket_number})
    if ticket.due_date < timezone.now():
        messages.warning(request, _("The due date lies in the past, so the ticket counts as overdue already."))
    if refused:
        messages.warning(request, _("It could not be linked with %(numbers)s.") % {"numbers": ", ".join(refused)})
    return redirect(url_of(ticket))


def _begin(request: SignedInRequest) -> HttpResponse:
    """The form, empty or with what was typed before signing in."""
    typed = take_kept_form(request)
    chosen = Chosen.read(request.user, request.GET if typed is None else typed)
    title = {"title": chosen.follows.title} if chosen.follows else {}
    files = SentFiles.read(request.user, typed or {})
    return _show(request, NewTicketForm(initial=typed or title), chosen, files, is_typed=typed is not None)


def _attach(request: SignedInRequest, ticket: Ticket, files: SentFiles) -> None:
    """Attach the files to the ticket, which is there by now whatever becomes of them."""
    try:
        attach_waiting(request.user, ticket, files.ids)
    except DomainError as error:
        messages.warning(request, _("The files could not be attached. %(why)s") % {"why": error.message})


def _show(
    request: SignedInRequest,
    form: NewTicketForm,
    chosen: Chosen,
    files: SentFiles,
    *,
    is_typed: bool = True,
    looked: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The form, with what it is to be linked with; `looked` with what looks like the same problem as well."""
    found = _with_similar(request, request.POST, chosen) if looked else chosen.related
    shown = {"form": form, "chosen": chosen, "waiting": files.waiting}
    context = {**shown, "is_typed": is_typed, "looked": looked, "tickets": found}
    return render(request, "tickets/new.html", context, status=status)


def _with_similar(request: SignedInRequest, fields: Mapping[str, Any], chosen: Chosen) -> list[Ticket]:
    """What was chosen, and behind it what looks like the same problem as the title."""
    similar = similar_tickets(request.user, fields.get("title", ""))
    return [*chosen.related, *(ticket for ticket in similar if ticket not in (*chosen.related, chosen.follows))]


def _deleted_meanwhile(request: SignedInRequest, ticket: Ticket, chosen: Chosen, files: SentFiles) -> HttpResponse:
    """The form was sent before, and its ticket is gone: whoever can bring it back is led there, others may go on."""
    if permissions.can_restore(request.user, ticket):
        return redirect(url_of(ticket))
    again = NewTicketForm({**request.POST.dict(), "key": str(uuid.uuid4())})
    again.add_error(
        None, _("You have raised this before, and somebody has deleted it. Send it again to raise it anew.")
    )
    return _show(request, again, chosen, files, status=TicketNotFound.status)


@require_safe
@in_background
def similar(request: SignedInRequest) -> HttpResponse:
    """Live tickets that look like the same problem as the title so far. Beside the form they can be chosen."""
    chosen = Chosen.read(request.user, request.GET)
    in_part = bool(request.headers.get("HX-Request"))
    context = {"tickets": _with_similar(request, request.GET, chosen), "looked": True, "chosen": chosen}
    template = "tickets/similar.html#found" if in_part else "tickets/similar.html"
    return render(request, template, {**context, "can_choose": in_part})
