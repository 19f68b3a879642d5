"""Review mode: one draft after the other. Each outcome is one form, which leads to the next draft."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import manager_required, require_manager
from accounts.signing_in.sessions import SignedInRequest, in_background
from config.errors import DomainError, InvalidInput
from config.requests import is_head
from tickets import actions
from tickets.canned.filling import with_canned
from tickets.comments.actions import add_comment_once
from tickets.errors import TicketNotFound
from tickets.forms import ReviewForm
from tickets.links.actions import add_link
from tickets.links.models import LinkKind
from tickets.models import Ticket
from tickets.permissions import can_review
from tickets.review import aside, leases, sittings
from tickets.review.forms import AskForm, DuplicateForm, SnoozeForm
from tickets.review.models import Aside
from tickets.review.showing import Place, mode_url, queue_for, show_draft, show_end, show_lost
from tickets.views.by_number import live_ticket, url_of, visible_ticket
from tickets.views.conversation import mark_as_seen
from tickets.views.decision import add_refusal, review_form
from tickets.views.refusals import message_for
from tickets.views.review import decide_by_form
from tickets.workflow import Status

type Outcome = Callable[[SignedInRequest, Ticket], HttpResponse]


@require_safe
@manager_required
def mode(request: SignedInRequest) -> HttpResponse:
    """The draft that this manager is to look at, held for them; `ticket` is the number of one to begin with."""
    if is_head(request):  # nobody looks at it, so nothing is held
        return HttpResponse()
    sitting, queue = sittings.sit_down(request.user), queue_for(request)
    begin = queue.filter(ticket_number=request.GET["ticket"]) if "ticket" in request.GET else None
    ticket = (leases.deal(request.user, begin) if begin is not None else None) or leases.deal(request.user, queue)
    place = Place(sitting, queue.count())
    return show_end(request, place) if ticket is None else show_draft(request, ticket, place)


@require_safe
@in_background
def ahead(request: SignedInRequest) -> HttpResponse:
    """The part of the page with the draft that comes behind those of the numbers `besides`; 204 where none does."""
    require_manager(request.user)
    queue = queue_for(request)
    shown = set(queue.filter(ticket_number__in=request.GET.getlist("besides")[:10]).values_list("pk", flat=True))
    if is_head(request):  # nobody looks at it, so nothing is held
        return HttpResponse(status=200 if queue.exclude(pk__in=shown).exists() else 204)
    ticket = leases.deal(request.user, queue, besides=shown)
    if ticket is None:
        return HttpResponse(status=204)
    place = Place(sittings.sit_down(request.user), queue.count() - len(shown), ahead=len(shown))
    return show_draft(request, ticket, place, template="tickets/review/mode.html#draft")


def _outcome(act: Outcome) -> Callable[..., Any]:
    """A view of what is done with one draft, by a POST; of a refusal it tells with what was typed."""

    @require_http_methods(["GET", "POST"])
    @manager_required
    @wraps(act)
    def view(request: SignedInRequest, number: str) -> HttpResponse:
        if request.method == "GET":
            return redirect(mode_url(request))
        try:
            return act(request, live_ticket(number, request.user))
        except DomainError as error:
            return _refused(request, number, error)

    return view


def _next(request: SignedInRequest, ticket: Ticket, said: str) -> HttpResponse:
    """On to the next draft; this one is done with."""
    leases.give_back(request.user, ticket.pk)
    sittings.note_done(request.user)
    return _say(request, format_html('{} <a href="{}">{}</a>', said, url_of(ticket), ticket.ticket_number))


def _say(request: SignedInRequest, said: SafeString) -> HttpResponse:
    """On the page with the next draft, or alone where that stands there already."""
    if request.headers.get("HX-Request"):
        return HttpResponse(format_html('<p class="notice success">{}</p>', said))
    messages.success(request, said)
    return redirect(mode_url(request))


@_outcome
def decide(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    """Approve as it is, or with another severity."""
    if "insert" in request.POST:
        typed = request.POST.dict()
        typed["reason"] = with_canned(request.user, ticket, typed.get("reason", ""), typed.get("canned", ""))
        return show_draft(
            request, ticket, _place(request), form=ReviewForm(initial=typed, auto_id="%s"), canned="reason"
        )
    decided = decide_by_form(request.user, ticket.ticket_number, ReviewForm(request.POST))
    sent_back = decided.status == Status.REVIEW
    return _next(request, decided, _("Sent back to the author:") if sent_back else _("Approved:"))


@_outcome
def ask(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    form = AskForm(request.POST, auto_id="ask_%s")
    if not form.is_valid():
        return show_draft(request, ticket, _place(request), asking=form, status=422, opened="ask")
    key, text = form.submission(ticket.pk)
    add_comment_once(request.user, key, ticket.pk, text=text, is_question=True)
    return _next(request, ticket, _("Asked. It comes back to you with the answer:"))


@_outcome
def skip(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    aside.skip(request.user, ticket.pk)
    return _put_aside(request, ticket, _("Skipped. It comes again at the end:"))


@_outcome
def snooze(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise InvalidInput({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    aside.snooze(request.user, ticket.pk, until=form.moment())
    sittings.note_done(request.user)
    return _put_aside(request, ticket, _("Snoozed:"))


@_outcome
def duplicate(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    """Link it with the ticket that it duplicates, then delete it, or do neither."""
    form = DuplicateForm(request.POST)
    if not form.is_valid():
        return show_draft(request, ticket, _place(request), duplicate=form, status=422, opened="duplicate")
    try:
        other = live_ticket(form.cleaned_data["of"], request.user)
    except TicketNotFound:
        form.add_error("of", _("There is no such ticket."))
        return show_draft(request, ticket, _place(request), duplicate=form, status=404, opened="duplicate")
    with transaction.atomic():
        add_link(request.user, ticket.pk, other_id=other.pk, kind=LinkKind.DUPLICATE_OF)
        actions.delete_ticket(request.user, ticket.pk, version=form.cleaned_data["version"])
    return _next(request, ticket, _("Deleted as a duplicate:"))


def _put_aside(request: SignedInRequest, ticket: Ticket, said: str) -> HttpResponse:
    undo = format_html('<button class="link" form="take-back">{}</button>', _("Take back"))
    return _say(request, format_html('{} <a href="{}">{}</a> {}', said, url_of(ticket), ticket.ticket_number, undo))


@require_http_methods(["GET", "POST"])
@manager_required
def take_back(request: SignedInRequest) -> HttpResponse:
    """Undo the last skip or snooze, and come to that draft again."""
    if request.method == "GET":
        return redirect(mode_url(request))
    taken = aside.take_back(request.user)
    if taken is None:
        messages.info(request, _("Nothing is skipped or snoozed."))
        return redirect(mode_url(request))
    if taken.kind != Aside.SKIPPED:
        sittings.note_done(request.user, -1)
    return redirect(mode_url(request, ticket=taken.ticket.ticket_number))


@require_http_methods(["GET", "POST"])
@manager_required
def leave(request: SignedInRequest) -> HttpResponse:
    """Hold nothing any more. With `rest` the sitting goes on: a page that was left may be another on the same desk."""
    if request.method == "GET":
        return redirect(mode_url(request))
    if "rest" in request.POST:
        leases.give_all_back(request.user)
        return HttpResponse(status=204)
    sittings.get_up(request.user)
    return redirect("tickets:list")


@require_http_methods(["GET", "POST"])
@manager_required
def hold(request: SignedInRequest, number: str) -> HttpResponse:
    """Go on holding the draft while its page is in use; with `seen` it is the one that is being looked at."""
    if request.method == "GET":
        return redirect(mode_url(request))
    ticket = live_ticket(number, request.user)
    if "seen" in request.POST:
        mark_as_seen(request.user, ticket)
    held = can_review(request.user, ticket) and leases.take(request.user, ticket.pk)
    sittings.sit_down(request.user)
    return HttpResponse(status=204 if held else 409)


def _place(request: SignedInRequest) -> Place:
    return Place(sittings.sit_down(request.user), queue_for(request).count())


def _refused(request: SignedInRequest, number: str, error: DomainError) -> HttpResponse:
    """The draft as it is now with what was typed, if one may still decide on it; else that somebody was first."""
    typed = request.POST.dict()
    try:
        ticket = visible_ticket(number, request.user)
    except TicketNotFound:
        return show_lost(request, None, error, message_for(error, Ticket()), typed)
    message = message_for(error, ticket)
    if request.headers.get("HX-Request") or not can_review(request.user, ticket):
        leases.give_back(request.user, ticket.pk)
        return show_lost(request, ticket, error, message, typed)
    form = review_form(ticket, typed) if "reason" in typed else None
    if form:
        add_refusal(form, error, message)
    told: dict[str, Any] = {} if form and form.errors else {"refusal": message}
    asking = AskForm(initial=typed, auto_id="ask_%s") if "text" in typed else None
    told |= {"form": form, "asking": asking, "status": error.status, "refusal_code": error.code}
    return show_draft(request, ticket, _place(request), **told)
