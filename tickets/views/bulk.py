"""What is done to many tickets of the list at once."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from config.errors import DomainError
from config.ids import parse_uuid
from tickets.bulk import BULK_ACTIONS, MOST_TICKETS, Outcome, act_on_each
from tickets.views.refusals import message_for


@require_http_methods(["GET", "POST"])
@sign_in_required
def bulk(request: SignedInRequest) -> HttpResponse:
    """Do the same to each selected ticket, and tell of each what was done or why not.

    Each `ticket` is an id, a full stop and the version that the person saw. Tickets that the person may not see are
    only counted, together with ids that no ticket has: the answer must not tell one from the other.
    """
    if request.method == "GET":
        return redirect("tickets:list")
    name = request.POST.get("action", "")
    try:
        chosen = dict(_chosen(text) for text in request.POST.getlist("ticket")[:MOST_TICKETS])
        act = BULK_ACTIONS[name]
    except (KeyError, ValueError):
        raise DomainError(_("Select tickets in the list and press Approve or Delete.")) from None
    outcomes = act_on_each(request.user, act, chosen)
    done = [outcome.ticket for outcome in outcomes if outcome.refusal is None]
    context = {
        "outcomes": [(outcome, _refusal(outcome)) for outcome in outcomes],
        "done": done,
        "refused": len(chosen) - len(done),
        "unseen": len(chosen) - len(outcomes),
        "action": name,
        "back": request.POST.get("list", ""),
    }
    return render(request, "tickets/bulk.html", context)


def _chosen(text: str) -> tuple[uuid.UUID, int | None]:
    """The id and the version of one ticket that the form names. Raises ValueError."""
    pk, _dot, version = text.partition(".")
    return parse_uuid(pk), int(version) if version else None


def _refusal(outcome: Outcome) -> str:
    return message_for(outcome.refusal, outcome.ticket) if outcome.refusal else ""
