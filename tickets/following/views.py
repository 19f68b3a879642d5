"""Following a ticket and leaving it by a button on its page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from tickets.following import actions
from tickets.views.by_number import live_ticket, url_in_list


@require_http_methods(["GET", "POST"])
@sign_in_required
def following(request: SignedInRequest, number: str) -> HttpResponse:
    """A POST follows the ticket, or with `leave` leaves it."""
    if request.method == "POST":
        ticket = live_ticket(number, request.user)
        if "leave" in request.POST:
            actions.leave_ticket(request.user, ticket.pk)
            messages.success(request, _("You have left this ticket."))
        else:
            actions.follow_ticket(request.user, ticket.pk)
            messages.success(request, _("You follow this ticket."))
    return redirect(url_in_list(request, number))
