"""The page on which a ticket that was sent back is edited, while others may do the same."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.signing_in.sessions import SignedInRequest, sign_in_required, take_kept_form
from config.errors import DomainError
from tickets import actions, permissions
from tickets.errors import TicketNotFound
from tickets.forms import EditTicketForm
from tickets.models import HistoryEntry, Ticket
from tickets.texts.merging import Clash, merge
from tickets.uploads.actions import attach_waiting
from tickets.uploads.sent import SentFiles
from tickets.views.by_number import live_ticket, url_in_list
from tickets.views.refusals import message_for, show_unsent


@require_http_methods(["GET", "POST"])
@sign_in_required
def edit(request: SignedInRequest, number: str) -> HttpResponse:
    """Title and description, back to DRAFT. What somebody else changed meanwhile is merged, or shown beside it."""
    typed = take_kept_form(request) if request.method == "GET" else request.POST.dict()
    try:
        ticket = live_ticket(number, request.user)
        return _begin(request, ticket, typed) if request.method == "GET" else _submit(request, ticket)
    except TicketNotFound as error:  # deleted in the meantime
        return show_unsent(request, error, typed)


def _begin(request: SignedInRequest, ticket: Ticket, typed: dict[str, Any] | None) -> HttpResponse:
    initial = {"title": ticket.title, "description": ticket.description, "version": ticket.version}
    form, files = EditTicketForm(initial=initial | (typed or {})), SentFiles.read(request.user, typed or {})
    return _show(request, ticket, form, files, is_typed=typed is not None)


def _submit(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    form = EditTicketForm(request.POST, request.FILES)
    files = SentFiles.read(request.user, request.POST, form.sent)
    if not form.is_valid_with(files):
        return _show(request, ticket, form, files, status=files.status)
    mine = {"title": form.cleaned_data["title"], "description": form.cleaned_data["description"]}
    changes, clashes = merge(ticket.texts_at(form.cleaned_data["version"]), ticket.texts_at(ticket.version), mine)
    can_edit = permissions.can_edit(request.user, ticket)
    if clashes and can_edit:
        return _show(request, ticket, _merged_form(ticket, changes, clashes), files, status=409, clashes=clashes)
    try:
        # A ticket that cannot be edited at all is named no version: the person has to hear of its state, and not that
        # somebody has changed it.
        with transaction.atomic():  # the files come with the edit, or neither does
            actions.edit_ticket(request.user, ticket.pk, **changes, version=ticket.version if can_edit else None)
            attach_waiting(request.user, ticket, files.ids)
    except DomainError as error:
        now = live_ticket(ticket.ticket_number, request.user)
        return _show(request, now, form, files, status=error.status, refusal=error)
    messages.success(request, _("Sent for review again."))
    return redirect(url_in_list(request, ticket.ticket_number))


def _merged_form(ticket: Ticket, changes: dict[str, str | None], clashes: list[Clash]) -> EditTicketForm:
    """The form on top of the ticket as it is now: clashing texts as I wrote them, others merged."""
    texts = {name: getattr(ticket, name) if text is None else text for name, text in changes.items()}
    texts |= {clash.field: clash.mine for clash in clashes}
    return EditTicketForm(initial={**texts, "version": ticket.version})


def _show(
    request: SignedInRequest,
    ticket: Ticket,
    form: EditTicketForm,
    files: SentFiles,
    *,
    status: int = 200,
    clashes: list[Clash] | None = None,
    refusal: DomainError | None = None,
    is_typed: bool = False,
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "form": form,
        "waiting": files.waiting,
        "clashes": clashes,
        "refusal": refusal and message_for(refusal, ticket),
        "refusal_code": refusal and refusal.code,
        "can_edit": permissions.can_edit(request.user, ticket),
        "sent_back": HistoryEntry.objects.sent_back(Ticket.objects.filter(pk=ticket.pk)).first(),
        "is_typed": is_typed or status != 200,
        "ticket_url": url_in_list(request, ticket.ticket_number),
    }
    return render(request, "tickets/edit.html", context, status=status)
