"""One draft of the queue as review mode shows it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest
from config.errors import DomainError
from tickets.forms import ReviewForm
from tickets.links.candidates import candidates
from tickets.listing.presenter import Listing
from tickets.models import Ticket, TicketQuerySet
from tickets.review.changes import resubmitted_to
from tickets.review.forms import AskForm, DuplicateForm
from tickets.review.models import Sitting
from tickets.review.queue import queue_of
from tickets.views.by_number import visible_ticket
from tickets.views.conversation import conversation
from tickets.views.decision import choices, review_form

MOST_OF_AUTHOR = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the sitting one is: at the `number`-th of `total` drafts, `left` of which are to come with this one.

    `ahead` of them are shown already, and counted as done."""

    sitting: Sitting
    left: int
    ahead: int = 0

    @property
    def done(self) -> int:
        return self.sitting.done + self.ahead

    @property
    def number(self) -> int:
        return self.done + 1

    @property
    def total(self) -> int:
        return self.done + self.left


def queue_for(request: SignedInRequest) -> TicketQuerySet:
    """The manager's queue, or what of it is in the list that the address names, in the order of that."""
    query = request.GET.get("list")
    if query is None:
        return queue_of(request.user)
    try:
        return queue_of(request.user, Listing(QueryDict(query), request.user).found)
    except DomainError:
        return queue_of(request.user)


def mode_url(request: SignedInRequest, **more: str) -> str:
    """The address of review mode, which still knows the list that one came from."""
    query = QueryDict(mutable=True)
    if "list" in request.GET:
        query["list"] = request.GET["list"]
    query.update(more)
    address = reverse("tickets:review-mode")
    return f"{address}?{query.urlencode()}" if query else address


def show_draft(
    request: SignedInRequest,
    ticket: Ticket,
    place: Place,
    *,
    form: ReviewForm | None = None,
    asking: AskForm | None = None,
    status: int = 200,
    template: str = "tickets/review/mode.html",
    **told: Any,
) -> HttpResponse:
    """The page, or a part of it, with a decision and a question that were written before.

    `told` says what became of them.
    """
    shown = visible_ticket(ticket.ticket_number, request.user)
    context = {
        "ticket": shown,
        "place": place,
        "conversation": conversation(request, shown, is_looked_at=place.ahead == 0),
        "resubmitted": resubmitted_to(request.user, shown),
        "choices": choices(shown),
        "form": form or review_form(shown),
        "is_typed": form is not None,
        "asking": asking or AskForm(initial={"key": uuid.uuid4()}, auto_id="ask_%s"),
        "duplicate": DuplicateForm(initial={"version": shown.version}),
        "similar": candidates(request.user, shown, ""),
        "others": _others_of_author(request.user, shown),
        "query": _query(request),
        **told,
    }
    return render(request, template, context, status=status)


def show_end(request: SignedInRequest, place: Place) -> HttpResponse:
    """Nothing is left to deal, and why."""
    mine = Ticket.objects.awaiting_review_by(request.user)
    context = {
        "place": place,
        "asked": mine.waiting_for_author().count(),
        "waiting": mine.waiting_for_review().count(),
        "query": _query(request),
    }
    return render(request, "tickets/review/end.html", context)


def show_lost(
    request: SignedInRequest, ticket: Ticket | None, error: DomainError, message: str, typed: Mapping[str, Any]
) -> HttpResponse:
    """Somebody else was first: what one has typed is kept on the page that says so."""
    texts = [text for name in ("reason", "text") if (text := typed.get(name, "").strip())]
    context = {
        "ticket": ticket,
        "refusal": message,
        "refusal_code": error.code,
        "texts": texts,
        "query": _query(request),
    }
    in_part = bool(request.headers.get("HX-Request"))
    template = "tickets/review/lost.html#lost" if in_part else "tickets/review/lost.html"
    return render(request, template, {**context, "in_part": in_part}, status=error.status)


def _query(request: SignedInRequest) -> str:
    return mode_url(request).partition("?")[2]


def _others_of_author(user: User, ticket: Ticket) -> list[Ticket]:
    """The author's last tickets but this one."""
    own = Ticket.objects.visible_to(user).live().raised_by(ticket.created_by).exclude(pk=ticket.pk)
    return list(own.newest_first().defer("description")[:MOST_OF_AUTHOR])
