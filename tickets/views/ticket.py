"""The page of one ticket, also as the answer to an action on it that was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.signing_in.sessions import SignedInRequest, sign_in_required, take_kept_form
from config.errors import DomainError
from tickets import permissions
from tickets.asking.reading import asked_about
from tickets.comments.forms import NewCommentForm
from tickets.errors import TicketNotFound
from tickets.following.reading import following_of
from tickets.forms import ReviewForm
from tickets.listing.neighbours import neighbours
from tickets.models import Ticket
from tickets.review.leases import holder_for
from tickets.uploads.forms import FilesForm
from tickets.uploads.sent import SentFiles
from tickets.views.by_number import url_in_list, visible_ticket
from tickets.views.conversation import conversation
from tickets.views.decision import add_refusal, choices, review_form
from tickets.views.refusals import message_for, show_unsent


@require_safe
@sign_in_required
def show(request: SignedInRequest, number: str) -> HttpResponse:
    """The page; for a number in lower case, as people type it, the way to the page."""
    if number != number.upper():
        return redirect(url_in_list(request, visible_ticket(number.upper(), request.user).ticket_number))
    typed = take_kept_form(request, reverse("tickets:review", args=[number]))
    comment = take_kept_form(request, reverse("tickets:comment", args=[number]))
    try:
        ticket = visible_ticket(number, request.user)
    except TicketNotFound as error:
        return show_unsent(request, error, typed or comment)
    if comment and ticket.deleted_at is not None:
        return show_unsent(request, TicketNotFound(), comment)
    writing = NewCommentForm(initial=comment) if comment else None
    files = SentFiles.read(request.user, comment or {})
    return _show(request, ticket, review_form(ticket, typed) if typed else None, writing, files)


def show_writing(
    request: SignedInRequest,
    ticket: Ticket,
    writing: NewCommentForm,
    files: SentFiles,
    *,
    status: int = 200,
    preview: str = "",
) -> HttpResponse:
    """The page with a comment that is being written: it was refused, or `preview` is the HTML that it would become."""
    return _show(request, ticket, None, writing, files, status, preview=preview)


def show_refused(
    request: SignedInRequest, number: str, error: DomainError, typed: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The ticket's page as it is now, with why the action was refused and the review that was typed for it.

    Where the person may not see the ticket any more, a page with what was typed only; where nothing was typed either,
    the error itself is raised.
    """
    try:
        ticket = visible_ticket(number, request.user)
    except TicketNotFound:
        return show_unsent(request, error, typed)
    form = review_form(ticket, typed) if typed else None
    message = message_for(error, ticket)
    if form and permissions.can_review(request.user, ticket):
        add_refusal(form, error, message)
        if form.errors:  # they say it, each at its field
            message = ""
    return _show(request, ticket, form, status=error.status, refusal=message, refusal_code=error.code)


def _show(
    request: SignedInRequest,
    ticket: Ticket,
    form: ReviewForm | None = None,
    writing: NewCommentForm | None = None,
    files: SentFiles | None = None,
    status: int = 200,
    **told: str,
) -> HttpResponse:
    """`form` and `writing` are a review and a comment, with its `files`, that were written before.

    `told` is what became of them:
    `refusal` says why an action was not carried out, `preview` what the comment would look like.
    """
    user = request.user
    context = {
        "ticket": ticket,
        "conversation": conversation(request, ticket),
        "following": following_of(user, ticket),
        "questions": asked_about(ticket),
        "holder": holder_for(user, ticket),
        "neighbours": neighbours(ticket, request),
        "can_review": permissions.can_review(user, ticket),
        "can_edit": permissions.can_edit(user, ticket),
        "can_delete": permissions.can_delete(user, ticket),
        "can_restore": permissions.can_restore(user, ticket),
        "choices": choices(ticket),
        "form": form or review_form(ticket),
        "is_typed": form is not None,
        "writing": writing or NewCommentForm(),
        "is_written": writing is not None,
        "waiting": files.waiting if files else [],
        "attaching": FilesForm(auto_id="attach_%s"),
        **told,
    }
    return render(request, "tickets/ticket.html", context, status=status)
