"""The page on which a ticket is linked with others, and parted from them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from config.errors import DomainError
from config.ids import id_in_path
from tickets.links import actions
from tickets.links.candidates import candidates
from tickets.links.errors import LinkNotFound
from tickets.links.forms import FindForm, LinkForm
from tickets.links.models import LinkKind
from tickets.models import Ticket
from tickets.views.by_number import live_ticket, url_of


@require_http_methods(["GET", "POST"])
@sign_in_required
def links(request: SignedInRequest, number: str) -> HttpResponse:
    """What the ticket is linked with, and tickets to link it with: those that `q` finds, or that look alike."""
    ticket = live_ticket(number, request.user)
    if request.method == "GET":
        return _show(request, ticket)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _show(request, ticket, form=form, status=422)
    kind = LinkKind(form.cleaned_data["kind"])
    try:
        other = live_ticket(form.cleaned_data["ticket"].upper(), request.user)
        actions.add_link(request.user, ticket.pk, other_id=other.pk, kind=kind)
    except DomainError as error:
        return _show(request, ticket, form=form, status=error.status, error=error)
    done = _("Linked with %(number)s. Its page shows that as well.") % {"number": other.ticket_number}
    messages.success(request, done)
    return redirect(url_of(ticket))


@require_http_methods(["GET", "POST"])
@sign_in_required
def remove(request: SignedInRequest, number: str, id: str) -> HttpResponse:
    """Part the ticket from another. The message offers to find that one again."""
    ticket = live_ticket(number, request.user)
    address = reverse("tickets:links", args=[ticket.ticket_number])
    if request.method == "GET":
        return redirect(address)
    try:
        link = actions.remove_link(request.user, id_in_path(id, LinkNotFound))
    except DomainError as error:
        return _show(request, ticket, status=error.status, error=error)
    other = link.seen_from(ticket.pk).ticket.ticket_number
    text = _("%(number)s is no longer linked.") % {"number": other}
    again = f"{address}?q={other}"
    messages.success(request, format_html('{} <a href="{}">{}</a>', text, again, _("Link it again")))
    return redirect(url_of(ticket))


def _show(
    request: SignedInRequest,
    ticket: Ticket,
    *,
    form: LinkForm | None = None,
    status: int = 200,
    error: DomainError | None = None,
) -> HttpResponse:
    """The page, as the answer to a form that was refused as well; `error` says why the action refused it."""
    find = FindForm(request.GET)
    query = find.cleaned_data["q"] if find.is_valid() else ""
    context = {
        "ticket": ticket,
        "find": find,
        "query": query,
        "found": candidates(request.user, ticket, query) if find.is_valid() else [],
        "form": form or LinkForm(),
        "refusal": error.message if error else _("Choose a ticket.") if form else "",
        "refusal_code": error.code if error else "",
    }
    return render(request, "tickets/links.html", context, status=status if find.is_valid() else 400)
