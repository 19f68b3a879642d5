"""The page with a person's notifications, how many of them are unread, and what they want to hear of."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, in_background, sign_in_required
from tickets.asking.reading import asked_of
from tickets.inbox import read_marks
from tickets.inbox.forms import WaysForm
from tickets.inbox.grouping import grouped
from tickets.inbox.models import Kind, Told
from tickets.inbox.notifications import Place, is_key, newest
from tickets.templatetags.desk import unread_notifications

SHOWN = 100
ASKED_SHOWN = 20
ALL = "all"


@require_http_methods(["GET", "POST"])
@sign_in_required
def inbox(request: SignedInRequest) -> HttpResponse:
    """The newest 100 things, of a `kind` and `before` a place where these are given. A POST marks what it showed.

    Both go by the same query. `read` and `unread` name the ticket, or say `all`; `things` are the keys of what the page
    showed, and `rest` is where it ended, if it did not show everything.
    """
    user, kind, before = request.user, _kind(request), Place.read(request.GET.get("before", ""))
    if request.method == "POST":
        _mark(user, request, kind)
        query = request.GET.urlencode()
        return redirect(f"{reverse('tickets:inbox')}?{query}" if query else "tickets:inbox")
    things = newest(user, limit=SHOWN + 1, kind=kind, before=before, with_reasons=True)
    shown = things[:SHOWN]
    context: dict[str, Any] = {
        "groups": grouped(user, shown),
        "has_unread": not all(thing.is_read for thing in shown),
        "things": ".".join(str(thing.pk) for thing in shown),
        "rest": Place.of(shown[-1]) if len(things) > SHOWN else None,
        "kind": kind,
        "tabs": _tabs(user, kind),
        "is_first": before is None,
        "asked": asked_of(user, limit=ASKED_SHOWN) if before is None and kind in (None, Kind.QUESTION) else [],
    }
    return render(request, "tickets/inbox.html", context)


def _kind(request: HttpRequest) -> Kind | None:
    kind = request.GET.get("kind", "")
    return Kind(kind) if kind in Kind.values else None


def _tabs(user: User, chosen: Kind | None) -> list[tuple[str, str]]:
    """Only managers are told of drafts."""
    kinds = [kind for kind in Kind if kind != Kind.DRAFT or user.is_manager or kind == chosen]
    return [("", _("All")), *((kind.value, str(kind.label)) for kind in kinds)]


def _mark(user: User, request: HttpRequest, kind: Kind | None) -> None:
    keys = [int(key) for key in request.POST.get("things", "").split(".")[:SHOWN] if is_key(key)]
    if "unread" in request.POST:
        read_marks.unread(user, _of_ticket(user, keys, request.POST["unread"]))
    elif request.POST.get("read") == ALL:
        read_marks.read_all(user, shown=keys, kind=kind, before=Place.read(request.POST.get("rest", "")))
    else:
        read_marks.read(user, _of_ticket(user, keys, request.POST.get("read", "")))


def _of_ticket(user: User, keys: list[int], number: str) -> list[int]:
    told = Told.objects.filter(user=user, pk__in=keys, ticket__ticket_number=number)
    return list(told.values_list("pk", flat=True))


@require_safe
@in_background
def count(request: SignedInRequest) -> HttpResponse:
    """The number in the navigation, which asks for it again from time to time."""
    if not request.headers.get("HX-Request"):
        return redirect("tickets:inbox")
    return render(request, "base.html#count", {"unread": unread_notifications(request.user)})


@require_http_methods(["GET", "POST"])
@sign_in_required
def ways(request: SignedInRequest) -> HttpResponse:
    """A POST of the table in the preferences keeps what was changed there."""
    if request.method == "POST":
        form = WaysForm(request.user, request.POST)
        if form.is_valid():
            form.save()
            messages.success(request, _("Saved."))
        else:
            messages.error(request, _("Nothing was saved. Choose one of the ways that are offered."))
    return redirect("accounts:preferences")
