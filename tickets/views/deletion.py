"""Deleting a ticket, and taking that back. Neither has a page of its own: buttons send what is done here."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from config.errors import DomainError
from tickets import actions
from tickets.listing.neighbours import way_back
from tickets.views.by_number import live_ticket, url_in_list, visible_ticket
from tickets.views.ticket import show_refused


@require_http_methods(["GET", "POST"])
@sign_in_required
def delete(request: SignedInRequest, number: str) -> HttpResponse:
    """Delete without asking first, since it can be undone: the list to which one comes back offers that."""
    if request.method == "GET":
        return redirect(url_in_list(request, number))
    try:
        actions.delete_ticket(request.user, live_ticket(number, request.user).pk)
    except DomainError as error:
        return show_refused(request, number, error)
    undo = format_html(
        '{} <button class="link" form="undo" formaction="{}">{}</button>',
        _("Deleted %(number)s.") % {"number": number},
        reverse("tickets:restore", args=[number]),
        _("Undo"),
    )
    messages.success(request, undo)
    return redirect(way_back(request))


@require_http_methods(["GET", "POST"])
@sign_in_required
def restore(request: SignedInRequest, number: str) -> HttpResponse:
    if request.method == "GET":
        return redirect(url_in_list(request, number))
    try:
        actions.restore_ticket(request.user, visible_ticket(number, request.user).pk)
    except DomainError as error:
        return show_refused(request, number, error)
    messages.success(request, _("Restored %(number)s.") % {"number": number})
    return redirect(url_in_list(request, number))
