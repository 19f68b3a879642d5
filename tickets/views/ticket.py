"""One ticket: reading it, and each thing one can do with it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, sign_in_required, take_kept_form
from config.errors import DomainError, ForbiddenRole, InvalidInput
from config.requests import looks_ahead
from tickets import actions, permissions
from tickets.errors import ReasonMissing, SameSeverity, SeverityMissing, TicketNotFound
from tickets.forms import EditTicketForm, ReviewForm
from tickets.inbox import reading
from tickets.listing.presenter import neighbours, way_back
from tickets.models import HistoryEntry, Ticket
from tickets.texts.merging import Clash, merge
from tickets.views.refusals import in_words
from tickets.workflow import Severity, Status, after_severity_change

log = logging.getLogger("tickets.views")
ENTRIES_SHOWN = 50


def find(number: str, *, deleted: bool = False) -> Ticket:
    """The ticket of this number. Raises TicketNotFound."""
    tickets = Ticket.objects.all() if deleted else Ticket.objects.live()
    if not re.fullmatch(r"TKT-[0-9]{4}-[0-9]{6,12}", number):
        raise TicketNotFound
    ticket = tickets.select_related("created_by", "reviewed_by", "deleted_by").filter(ticket_number=number).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


def url_of(ticket: Ticket) -> str:
    return reverse("tickets:ticket", args=[ticket.ticket_number])


@dataclass(frozen=True, slots=True)
class Choice:
    """A severity that a reviewer may choose: `value` in the form, what it does, and what the button then says."""

    value: str
    level: Severity
    outcome: str
    verb: str


def choices(ticket: Ticket) -> list[Choice]:
    """All levels; the present one stands for approving the ticket as it is."""
    return [_choice(Severity(ticket.severity), level) for level in Severity]


def _choice(present: Severity, level: Severity) -> Choice:
    name = {"level": level.label}
    match after_severity_change(present, level):
        case None:
            return Choice(ReviewForm.APPROVE, level, _("approves it as it is"), _("Approve"))
        case Status.REVIEW:
            return Choice(level, level, _("sends it back to the author"), _("Send back as %(level)s") % name)
        case _:
            return Choice(level, level, _("approves it"), _("Approve as %(level)s") % name)


def page(
    request: SignedInRequest, ticket: Ticket, form: ReviewForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    """The ticket's page. `form` is a review that was written before, `more` says why it was not carried out."""
    user = request.user
    everything = request.GET.get("history") == "all"
    entries = ticket.history.newest_first().select_related("user")
    history = list(entries if everything else entries[:ENTRIES_SHOWN])
    if request.method == "GET" and not looks_ahead(request):
        _read(request, ticket, history)
    context = {
        "ticket": ticket,
        "history": history,
        "is_shortened": not everything and ticket.version > ENTRIES_SHOWN,
        "neighbours": neighbours(ticket, request),
        "can_review": permissions.can_review(user, ticket),
        "can_edit": permissions.can_edit(user, ticket),
        "can_delete": permissions.can_delete(user, ticket),
        "can_restore": permissions.can_restore(user, ticket),
        "choices": choices(ticket),
        "form": form or _review_form(ticket),
        "is_typed": form is not None,
        **more,
    }
    return render(request, "tickets/ticket.html", context, status=status)


def _read(request: SignedInRequest, ticket: Ticket, history: list[HistoryEntry]) -> None:
    """Who opens a ticket has read of their inbox what stands in its history. No reason not to show the page."""
    user = request.user
    is_told = user.pk == ticket.created_by_id or permissions.can_review(user, ticket)
    is_new = any(entry.created_at > user.inbox_read_at and entry.user_id != user.pk for entry in history)
    if not (is_told and is_new):
        return
    try:
        reading.read_ticket(user, ticket.pk, history[0].version)
    except DatabaseError as error:  # one that can only be read just now, or where somebody else writes for long
        log.warning("What %s reads could not be marked: %s", user.pk, error)


def _review_form(ticket: Ticket, typed: Mapping[str, Any] | None = None) -> ReviewForm:
    """The form of a review of the ticket as it is now, with what was typed into an earlier one."""
    version = {"version": ticket.version}
    return ReviewForm({**typed, **version} if typed else None, initial=version, auto_id="%s")


FIELDS = {ReasonMissing: "reason", SeverityMissing: "decision", SameSeverity: "decision"}
"""Where on the form of a review a refusal belongs."""


def refused(
    request: SignedInRequest, number: str, error: DomainError, typed: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The ticket's page as it is now, with why the action was refused and what was typed for it.

    Where there is no ticket to show, only what was typed; where nothing was, the error itself is raised.
    """
    try:
        ticket = visible(number, request.user)
    except TicketNotFound:
        return unsent(request, error, typed)
    form = _review_form(ticket, typed) if typed else None
    words = in_words(error, ticket)
    if form and permissions.can_review(request.user, ticket):
        told = {FIELDS[type(error)]: [words]} if type(error) in FIELDS else error.fields or {}
        for field in told.keys() - form.errors.keys():
            form.add_error(field, list(told[field]))
        if form.errors:  # they say it, each at its field
            words = ""
    return page(request, ticket, form, error.status, refusal=words, refusal_code=error.code)


def unsent(request: SignedInRequest, error: DomainError, typed: Mapping[str, Any] | None) -> HttpResponse:
    """What was typed for a ticket that is not there any more, so that it can be taken elsewhere.

    Raises the error where nothing was typed.
    """
    labels = {"title": _("Title"), "description": _("Description"), "reason": _("Reason")}
    texts = [(name, label, text) for name, label in labels.items() if (text := (typed or {}).get(name))]
    if not texts:
        raise error
    return render(request, "tickets/unsent.html", {"error": error, "texts": texts}, status=error.status)


def visible(number: str, user: User) -> Ticket:
    """The ticket of this number; a deleted one for those only who can bring it back. Raises TicketNotFound."""
    ticket = find(number, deleted=True)
    if ticket.deleted_at is not None and not permissions.can_restore(user, ticket):
        raise TicketNotFound
    return ticket


@require_safe
@sign_in_required
def show(request: SignedInRequest, number: str) -> HttpResponse:
    """Of a number in lower case, as people type it, the way to its page."""
    if number != number.upper():
        return redirect(_ticket_url(request, visible(number.upper(), request.user).ticket_number))
    kept = take_kept_form(request, reverse("tickets:review", args=[number]))
    try:
        ticket = visible(number, request.user)
    except TicketNotFound as error:
        return unsent(request, error, kept)
    return page(request, ticket, _review_form(ticket, kept) if kept else None)


@require_http_methods(["GET", "POST"])
@sign_in_required
def review(request: SignedInRequest, number: str) -> HttpResponse:
    """Approve as it is, or with another severity. What was typed stays on the page when the review is refused."""
    if request.method == "GET":
        return redirect(_ticket_url(request, number))
    form = ReviewForm(request.POST)
    try:
        if not request.user.is_manager:
            raise ForbiddenRole
        if not form.is_valid():
            raise InvalidInput({name: [str(text) for text in texts] for name, texts in form.errors.items()})
        reviewed = _review(request.user, find(number), form.cleaned_data)
    except DomainError as error:
        return refused(request, number, error, typed=request.POST.dict())
    said = {
        Status.PENDING: _("Approved. It goes out with tonight’s exchange."),
        Status.REVIEW: _("Sent back to the author, who is asked to look at it again."),
    }
    messages.success(request, _with_next(said[Status(reviewed.status)], reviewed, request))
    return redirect(_ticket_url(request, number))


def _with_next(said: str, ticket: Ticket, request: SignedInRequest) -> str:
    """What was said, and the way to the next ticket of the list that one came from."""
    near = neighbours(ticket, request)
    if near is None or near.next is None:
        return said
    following, query = near.next
    title = format_html("<bdi>{}</bdi>", Truncator(following.title).chars(60))
    words = format_html(_("Next: {number} {title}"), number=following.ticket_number, title=title)
    return format_html('{} <a href="{}?{}">{}</a>', said, url_of(following), query, words)


def _review(user: User, ticket: Ticket, review: dict[str, Any]) -> Ticket:
    if review["decision"] == ReviewForm.APPROVE:
        if review["reason"] and permissions.can_review(user, ticket):
            # Approving sends no reason: whoever wrote one meant something else, or has to know that it is not sent.
            words = _("Approving as it is sends no reason. Choose another severity, or take the reason away.")
            raise InvalidInput({"reason": [words]})
        return actions.approve_ticket(user, ticket.pk, version=review["version"])
    return actions.change_severity(
        user, ticket.pk, severity=review["decision"], reason=review["reason"], version=review["version"]
    )


@require_http_methods(["GET", "POST"])
@sign_in_required
def edit(request: SignedInRequest, number: str) -> HttpResponse:
    """Title and description, back to DRAFT. What somebody else changed meanwhile is brought together or shown."""
    kept = take_kept_form(request) if request.method == "GET" else None
    try:
        return _edit(request, find(number), kept)
    except TicketNotFound as error:  # deleted under one's hands
        return unsent(request, error, request.POST if request.method == "POST" else kept)


def _edit(request: SignedInRequest, ticket: Ticket, kept: dict[str, Any] | None) -> HttpResponse:
    if request.method == "GET":
        initial = {"title": ticket.title, "description": ticket.description, "version": ticket.version}
        form = EditTicketForm(initial=initial | (kept or {}))
        return _edit_page(request, ticket, form, is_typed=kept is not None)
    form = EditTicketForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, ticket, form, status=422)
    mine = {"title": form.cleaned_data["title"], "description": form.cleaned_data["description"]}
    changes, clashes = merge(ticket.texts_at(form.cleaned_data["version"]), ticket.texts_at(ticket.version), mine)
    can_edit = permissions.can_edit(request.user, ticket)
    if clashes and can_edit:
        return _edit_page(request, ticket, _merged_form(ticket, changes, clashes), status=409, clashes=clashes)
    try:
        # Where the ticket cannot be edited at all, its state is what the person has to hear of.
        actions.edit_ticket(request.user, ticket.pk, **changes, version=ticket.version if can_edit else None)
    except DomainError as error:
        return _edit_page(request, find(ticket.ticket_number), form, status=error.status, refusal=error)
    messages.success(request, _("Sent for review again."))
    return redirect(_ticket_url(request, ticket.ticket_number))


def _merged_form(ticket: Ticket, changes: dict[str, str | None], clashes: list[Clash]) -> EditTicketForm:
    """The form on top of the ticket as it is now: clashing texts as I wrote them, others brought together."""
    texts = {name: getattr(ticket, name) if text is None else text for name, text in changes.items()}
    texts |= {clash.field: clash.mine for clash in clashes}
    return EditTicketForm(initial={**texts, "version": ticket.version})


def _edit_page(
    request: SignedInRequest,
    ticket: Ticket,
    form: EditTicketForm,
    *,
    status: int = 200,
    clashes: list[Clash] | None = None,
    refusal: DomainError | None = None,
    is_typed: bool = False,
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "form": form,
        "clashes": clashes,
        "refusal": refusal and in_words(refusal, ticket),
        "refusal_code": refusal and refusal.code,
        "can_edit": permissions.can_edit(request.user, ticket),
        "sent_back": HistoryEntry.objects.sent_back(Ticket.objects.filter(pk=ticket.pk)).first(),
        "is_typed": is_typed or status != 200,
        "ticket_url": _ticket_url(request, ticket.ticket_number),
    }
    return render(request, "tickets/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@sign_in_required
def delete(request: SignedInRequest, number: str) -> HttpResponse:
    """Taken out of sight at once; the list that one comes back to offers to undo it."""
    if request.method == "GET":
        return redirect(_ticket_url(request, number))
    try:
        actions.delete_ticket(request.user, find(number).pk)
    except DomainError as error:
        return refused(request, number, error)
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
        return redirect(_ticket_url(request, number))
    try:
        actions.restore_ticket(request.user, visible(number, request.user).pk)
    except DomainError as error:
        return refused(request, number, error)
    messages.success(request, _("Restored %(number)s.") % {"number": number})
    return redirect(_ticket_url(request, number))


def _ticket_url(request: HttpRequest, number: str) -> str:
    """The ticket's page, still knowing the list that one came from."""
    query = request.GET.urlencode()
    address = reverse("tickets:ticket", args=[number])
    return f"{address}?{query}" if query else address
