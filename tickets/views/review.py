"""A manager's decision on a ticket."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import require_manager
from accounts.signing_in.sessions import SignedInRequest, keep_form, sign_in_required
from config.errors import DomainError, InvalidInput
from tickets import actions, permissions
from tickets.canned.filling import with_canned
from tickets.forms import ReviewForm
from tickets.listing.neighbours import neighbours
from tickets.models import Ticket
from tickets.views.by_number import live_ticket, url_in_list, url_of, url_with_canned
from tickets.views.ticket import show_refused
from tickets.workflow import Status


@require_http_methods(["GET", "POST"])
@sign_in_required
def review(request: SignedInRequest, number: str) -> HttpResponse:
    """Approve as it is, or with another severity. What was typed stays on the page when the review is refused."""
    if request.method == "GET":
        return redirect(url_in_list(request, number))
    if "insert" in request.POST:
        return _insert_canned_text(request, number)
    try:
        require_manager(request.user)
        reviewed = decide_by_form(request.user, number, ReviewForm(request.POST))
    except DomainError as error:
        return show_refused(request, number, error, typed=request.POST.dict())
    said = {
        Status.PENDING: _("Approved. It goes out with tonight’s exchange."),
        Status.REVIEW: _("Sent back to the author, who is asked to look at it again."),
    }
    messages.success(request, _with_next(said[Status(reviewed.status)], reviewed, request))
    return redirect(url_in_list(request, number))


def _insert_canned_text(request: SignedInRequest, number: str) -> HttpResponse:
    """Without JavaScript: back to the page with the canned texts, the one chosen below what was typed of the reason."""
    require_manager(request.user)
    ticket, typed = live_ticket(number, request.user), request.POST.dict()
    typed["reason"] = with_canned(request.user, ticket, typed.get("reason", ""), typed.get("canned", ""))
    keep_form(request, request.path, {name: typed.get(name, "") for name in ReviewForm.base_fields})
    return redirect(url_with_canned(request, ticket, "reason"))


def decide_by_form(user: User, number: str, form: ReviewForm) -> Ticket:
    """Approve the ticket of this number, or change its severity. Raises InvalidInput, and what the actions raise."""
    if not form.is_valid():
        raise InvalidInput({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    ticket, review = live_ticket(number, user), form.cleaned_data
    if review["decision"] == ReviewForm.APPROVE:
        if review["reason"] and permissions.can_review(user, ticket):
            # Approving sends no reason: whoever wrote one meant something else, or has to know that it is not sent.
            words = _("Approving as it is sends no reason. Choose another severity, or take the reason away.")
            raise InvalidInput({"reason": [words]})
        return actions.approve_ticket(user, ticket.pk, version=review["version"])
    return actions.change_severity(
        user, ticket.pk, severity=review["decision"], reason=review["reason"], version=review["version"]
    )


def _with_next(said: str, ticket: Ticket, request: SignedInRequest) -> str:
    """The message, and a link to the next ticket of the list that one came from."""
    beside = neighbours(ticket, request)
    if beside is None or beside.next is None:
        return said
    following, query = beside.next
    title = format_html("<bdi>{}</bdi>", Truncator(following.title).chars(60))
    words = format_html(_("Next: {number} {title}"), number=following.ticket_number, title=title)
    return format_html('{} <a href="{}?{}">{}</a>', said, url_of(following), query, words)
