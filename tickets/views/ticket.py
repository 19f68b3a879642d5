"""One ticket: reading it, and each thing one can do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.sessions import SignedInRequest, sign_in_required, take_kept_form
from config.errors import DomainError
from tickets import actions, permissions
from tickets.errors import TicketNotFound
from tickets.forms import EditTicketForm, ReviewForm
from tickets.merge import Clash, merge
from tickets.models import Ticket
from tickets.views.listing import Listing
from tickets.workflow import Severity, Status, after_severity_change


def find(number: str, *, deleted: bool = False) -> Ticket:
    """The ticket of this number. Raises TicketNotFound."""
    tickets = Ticket.objects.all() if deleted else Ticket.objects.live()
    ticket = tickets.select_related("created_by", "reviewed_by", "deleted_by").filter(ticket_number=number).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


def url_of(ticket: Ticket) -> str:
    return reverse("tickets:ticket", args=[ticket.ticket_number])


@dataclass(frozen=True, slots=True)
class Choice:
    """A severity that a reviewer may choose, and what choosing it does."""

    level: Severity
    outcome: str


def choices(ticket: Ticket) -> list[Choice]:
    """The other levels, each with what will happen to the ticket."""
    words = {Status.REVIEW: _("sends it back to the author"), Status.PENDING: _("approves it")}
    present = Severity(ticket.severity)
    targets = {level: after_severity_change(present, level) for level in Severity}
    return [Choice(level, words[target]) for level, target in targets.items() if target is not None]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tickets before and after this one in the list that one came from."""

    query: str
    previous: tuple[Ticket, str] | None
    next: tuple[Ticket, str] | None


def neighbours(ticket: Ticket, request: SignedInRequest) -> Neighbours | None:
    """Read from `list` (its query) and `at` (the place in it); None where one came from no list."""
    query, at = request.GET.get("list"), request.GET.get("at", "")
    if query is None or not at.isascii() or not at.isdigit() or len(at) > 9:
        return None
    try:
        listing = Listing(QueryDict(query), request.user)
    except DomainError:
        return None
    start = max(0, int(at) - 1)
    rows = list(enumerate(listing.found[start : int(at) + 2], start))
    before = [(row, listing.link_to_ticket(i)) for i, row in rows if i < int(at) and row != ticket]
    # Where the ticket has left the list meanwhile, the next one has moved up into its place.
    after = [(row, listing.link_to_ticket(i)) for i, row in rows if i >= int(at) and row != ticket]
    return Neighbours(query, before[0] if before else None, after[0] if after else None)


def page(request: SignedInRequest, ticket: Ticket, status: int = 200, **more: Any) -> HttpResponse:
    """The ticket's page. `more` brings a form that could not be carried out."""
    user = request.user
    context = {
        "ticket": ticket,
        "history": ticket.history.newest_first().select_related("user"),
        "neighbours": neighbours(ticket, request),
        "can_review": permissions.can_review(user, ticket),
        "can_edit": permissions.can_edit(user, ticket),
        "can_delete": permissions.can_delete(user, ticket),
        "can_restore": permissions.can_restore(user, ticket),
        "choices": choices(ticket),
        **more,
    }
    return render(request, "tickets/ticket.html", context, status=status)


@require_GET
@sign_in_required
def show(request: SignedInRequest, number: str) -> HttpResponse:
    """A deleted ticket is shown to those who can bring it back, and to nobody else."""
    ticket = find(number, deleted=True)
    if ticket.deleted_at is not None and not permissions.can_restore(request.user, ticket):
        raise TicketNotFound
    kept = take_kept_form(request)
    return page(request, ticket, review=kept or {"version": ticket.version})


@require_POST
@sign_in_required
def review(request: SignedInRequest, number: str) -> HttpResponse:
    ticket, form = find(number), ReviewForm(request.POST)
    try:
        if not form.is_valid():
            raise DomainError(" ".join(str(text) for texts in form.errors.values() for text in texts))
        reviewed = _review(request.user, ticket, form.cleaned_data)
    except DomainError as error:
        ticket = find(number)
        kept = {**request.POST.dict(), "version": ticket.version}
        return page(request, ticket, error.status, review=kept, refusal=error.message)
    said = {
        Status.PENDING: _("Approved. It goes out with tonight’s exchange."),
        Status.REVIEW: _("Sent back to the author, who is asked to look at it again."),
    }
    messages.success(request, said[Status(reviewed.status)])
    return redirect(_back(request, ticket))


def _review(user: User, ticket: Ticket, review: dict[str, Any]) -> Ticket:
    if review["action"] == ReviewForm.APPROVE:
        return actions.approve_ticket(user, ticket.pk, version=review["version"])
    return actions.change_severity(
        user, ticket.pk, severity=review["severity"], reason=review["reason"], version=review["version"]
    )


@require_http_methods(["GET", "POST"])
@sign_in_required
def edit(request: SignedInRequest, number: str) -> HttpResponse:
    """Title and description, back to DRAFT. What somebody else changed meanwhile is brought together or shown."""
    ticket = find(number)
    if request.method == "GET":
        initial = {"title": ticket.title, "description": ticket.description, "version": ticket.version}
        return _edit_page(request, ticket, EditTicketForm(initial=initial | (take_kept_form(request) or {})))
    form = EditTicketForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, ticket, form, status=422)
    mine = {"title": form.cleaned_data["title"], "description": form.cleaned_data["description"]}
    changes, clashes = merge(ticket, form.cleaned_data["version"], mine)
    if clashes:
        again = EditTicketForm(initial={**mine, "version": ticket.version})
        return _edit_page(request, ticket, again, status=409, clashes=clashes)
    try:
        actions.edit_ticket(request.user, ticket.pk, **changes, version=ticket.version)
    except DomainError as error:
        return _edit_page(request, find(number), form, status=error.status, refusal=error.message)
    messages.success(request, _("Sent for review again."))
    return redirect(url_of(ticket))


def _edit_page(
    request: SignedInRequest,
    ticket: Ticket,
    form: EditTicketForm,
    *,
    status: int = 200,
    clashes: list[Clash] | None = None,
    refusal: str = "",
) -> HttpResponse:
    can_edit = permissions.can_edit(request.user, ticket)
    context = {"ticket": ticket, "form": form, "clashes": clashes, "refusal": refusal, "can_edit": can_edit}
    return render(request, "tickets/edit.html", context, status=status)


@require_POST
@sign_in_required
def delete(request: SignedInRequest, number: str) -> HttpResponse:
    ticket = actions.delete_ticket(request.user, find(number).pk)
    undo = format_html(
        '{} <button class="link" form="undo" formaction="{}">{}</button>',
        _("Deleted %(number)s.") % {"number": ticket.ticket_number},
        reverse("tickets:restore", args=[ticket.ticket_number]),
        _("Undo"),
    )
    messages.success(request, undo)
    return redirect(_list_url(request))


@require_POST
@sign_in_required
def restore(request: SignedInRequest, number: str) -> HttpResponse:
    ticket = actions.restore_ticket(request.user, find(number, deleted=True).pk)
    messages.success(request, _("Restored."))
    return redirect(url_of(ticket))


def _back(request: HttpRequest, ticket: Ticket) -> str:
    """The ticket's page, still knowing the list that one came from."""
    query = request.GET.urlencode()
    return f"{url_of(ticket)}?{query}" if query else url_of(ticket)


def _list_url(request: HttpRequest) -> str:
    query = request.GET.get("list", "")
    return f"{reverse('tickets:list')}?{query}" if query else reverse("tickets:list")
