"""What is done to many tickets of the list at once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from config.errors import DomainError
from config.rest import MAX_PAGE_SIZE, parse_uuid
from tickets import actions
from tickets.models import Ticket
from tickets.views.refusals import in_words


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket among many; `refusal` is None where it was done."""

    ticket: Ticket
    refusal: DomainError | None = None

    @property
    def words(self) -> str:
        return in_words(self.refusal, self.ticket) if self.refusal else ""


class BulkAction(Protocol):
    def __call__(self, user: User, ticket_id: uuid.UUID, *, version: int | None) -> Ticket: ...


BULK_ACTIONS: dict[str, BulkAction] = {
    "approve": actions.approve_ticket,
    "delete": actions.delete_ticket,
    "restore": actions.restore_ticket,
}


@require_http_methods(["GET", "POST"])
@sign_in_required
def bulk(request: SignedInRequest) -> HttpResponse:
    """Do the same to each selected ticket, and tell of each what was done or why not.

    `ticket` is an id, with a full stop and the version that the person saw behind it. Of those that the person may
    not see, as of those that never were, nothing is told but how many they are.
    """
    if request.method == "GET":
        return redirect("tickets:list")
    name = request.POST.get("action", "")
    try:
        chosen = dict(_chosen(text) for text in request.POST.getlist("ticket")[:MAX_PAGE_SIZE])
        act = BULK_ACTIONS[name]
    except (KeyError, ValueError):
        raise DomainError(_("Select tickets in the list and press Approve or Delete.")) from None
    tickets = Ticket.objects.visible_to(request.user).filter(pk__in=chosen).newest_first()
    outcomes = [_do(act, request.user, ticket, chosen[ticket.pk]) for ticket in tickets]
    done = [outcome.ticket for outcome in outcomes if outcome.refusal is None]
    context = {
        "outcomes": outcomes,
        "done": done,
        "refused": len(chosen) - len(done),
        "unseen": len(chosen) - len(outcomes),
        "action": name,
        "back": request.POST.get("list", ""),
    }
    return render(request, "tickets/bulk.html", context)


def _chosen(text: str) -> tuple[uuid.UUID, int | None]:
    """Raises ValueError."""
    pk, _dot, version = text.partition(".")
    return parse_uuid(pk), int(version) if version else None


def _do(act: BulkAction, user: User, ticket: Ticket, version: int | None) -> Outcome:
    try:
        act(user, ticket.pk, version=version)
    except DomainError as error:
        return Outcome(ticket, error)
    return Outcome(ticket)
