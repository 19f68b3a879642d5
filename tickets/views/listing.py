"""The list of tickets: tabs, filters, search, pages; what is done to many at once; download."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import django_filters as filters
from django import forms
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.sessions import SignedInRequest, sign_in_required
from config.errors import DomainError
from config.rest import Page
from tickets import actions
from tickets.filters import TicketFilter
from tickets.models import Ticket, TicketQuerySet
from tickets.spreadsheet import csv_lines
from tickets.workflow import Severity, Status

MOST_AT_ONCE = 200
SORT_WORDS = {
    "": gettext_lazy("Newest first"),
    "number": gettext_lazy("Oldest first"),
    "-updatedAt": gettext_lazy("Changed last"),
    "dueDate": gettext_lazy("Due first"),
    "-severity": gettext_lazy("Most severe"),
    "severity": gettext_lazy("Least severe"),
    "status": gettext_lazy("Status"),
}


class DeskFilter(TicketFilter):
    """The API's query, and what only people ask for; days are the person's own."""

    awaiting = filters.ChoiceFilter(choices=[("me", "me")], method="awaiting_my_review")
    overdue = filters.ChoiceFilter(choices=[("1", "1")], method="late")
    createdFrom = filters.DateFilter(method="created_from", widget=forms.DateInput(attrs={"type": "date"}))  # noqa: N815 - like its neighbours
    createdTo = filters.DateFilter(method="created_to", widget=forms.DateInput(attrs={"type": "date"}))  # noqa: N815 - like its neighbours

    def awaiting_my_review(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.awaiting_review_by(self.user)

    def late(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.overdue()

    def created_from(self, queryset: TicketQuerySet, name: str, value: datetime) -> TicketQuerySet:
        return queryset.filter(created_at__gte=_midnight(value))

    def created_to(self, queryset: TicketQuerySet, name: str, value: datetime) -> TicketQuerySet:
        return queryset.filter(created_at__lt=_midnight(value + timedelta(days=1)))


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, and the query without it."""

    words: str
    without: str


class Listing:
    """A list as its query describes it. Raises InvalidInput for one that cannot be understood."""

    def __init__(self, query: QueryDict, user: User) -> None:
        self.query, self.user = query, user
        self.page = Page.read(query)
        self.found = self._filtered(query)

    def _filtered(self, query: QueryDict) -> TicketQuerySet:
        return DeskFilter(query, queryset=Ticket.objects.live(), user=self.user).found()

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many fit in each status, that filter itself aside; under the empty name all of them."""
        query = self.query.copy()
        for name in ("status", "sort"):
            query.pop(name, None)
        rows = self._filtered(query).order_by().values_list("status").annotate(Count("pk"))
        counts = dict.fromkeys(Status.values, 0) | dict(rows)
        return {"": sum(counts.values()), **counts}

    @property
    def total(self) -> int:
        return self.counts[self.query.get("status", "")]

    @cached_property
    def rows(self) -> list[Ticket]:
        return self.page.slice(self.found.select_related("created_by"), self.total)

    @property
    def first_index(self) -> int:
        return (self.page.number - 1) * self.page.size

    @property
    def last_page(self) -> int:
        return max(1, -(-self.total // self.page.size))

    @property
    def tabs(self) -> list[tuple[str, Any, int]]:
        return [("", _("All"), self.counts[""]), *((s.value, s.label, self.counts[s.value]) for s in Status)]

    @property
    def chips(self) -> list[Chip]:
        return [Chip(words, self._without(name)) for name, words in self._words() if self.query.get(name)]

    @property
    def previous(self) -> int:
        return min(self.page.number - 1, self.last_page)

    @property
    def next(self) -> int:
        return self.page.number + 1

    @property
    def severities(self) -> list[tuple[str, Any]]:
        return [(level.value, level.label) for level in Severity]

    @property
    def sorts(self) -> list[tuple[str, Any]]:
        return list(SORT_WORDS.items())

    def _words(self) -> Iterator[tuple[str, str]]:
        value = self.query.get
        yield "q", _("with “%(text)s”") % {"text": value("q")}
        if severity := value("severity"):
            yield "severity", _("severity %(level)s") % {"level": Severity(severity).label}
        yield "createdBy", _("raised by me") if value("createdBy") == "me" else _("raised by one person")
        yield "awaiting", _("awaiting my review")
        yield "overdue", _("overdue")
        yield "createdFrom", _("created from %(day)s") % {"day": value("createdFrom")}
        yield "createdTo", _("created until %(day)s") % {"day": value("createdTo")}
        yield "dueBefore", _("due before %(time)s") % {"time": value("dueBefore")}
        yield "updatedSince", _("changed since %(time)s") % {"time": value("updatedSince")}

    def _without(self, *names: str) -> str:
        query = self.query.copy()
        for name in (*names, "page"):
            query.pop(name, None)
        return f"?{query.urlencode()}"

    def link_to_ticket(self, index: int) -> str:
        """What a ticket's address carries, so that its page knows the neighbours."""
        query = self.query.copy()
        for name in ("page", "pageSize"):
            query.pop(name, None)
        return urlencode({"list": query.urlencode(), "at": index})

    @property
    def links(self) -> list[tuple[Ticket, str]]:
        return [(row, self.link_to_ticket(self.first_index + i)) for i, row in enumerate(self.rows)]


@require_GET
@sign_in_required
def ticket_list(request: SignedInRequest) -> HttpResponse:
    template = "tickets/list.html#results" if request.headers.get("HX-Target") == "results" else "tickets/list.html"
    answer = render(request, template, {"listing": Listing(request.GET, request.user)})
    answer["Vary"] = "HX-Target"
    return answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket among many; `refusal` is empty where it was done."""

    ticket: Ticket
    refusal: str = ""


BULK_ACTIONS: dict[str, Callable[[User, uuid.UUID], Ticket]] = {
    "approve": actions.approve_ticket,
    "delete": actions.delete_ticket,
}


@require_POST
@sign_in_required
def bulk(request: SignedInRequest) -> HttpResponse:
    """Do the same to each selected ticket, and tell of each what was done or why not."""
    name = request.POST.get("action", "")
    try:
        chosen = [uuid.UUID(text) for text in request.POST.getlist("ticket")[:MOST_AT_ONCE]]
        act = BULK_ACTIONS[name]
    except (KeyError, ValueError):
        raise DomainError(_("Select tickets in the list and press Approve or Delete.")) from None
    outcomes = []
    for ticket in Ticket.objects.filter(pk__in=chosen).newest_first():
        try:
            act(request.user, ticket.pk)
            outcomes.append(Outcome(ticket))
        except DomainError as error:
            outcomes.append(Outcome(ticket, str(error.message)))
    context = {"outcomes": outcomes, "action": name, "back": request.POST.get("list", "")}
    return render(request, "tickets/bulk.html", context)


@require_GET
@sign_in_required
def download(request: SignedInRequest) -> HttpResponseBase:
    """What is filtered, as CSV for a spreadsheet."""
    found = Listing(request.GET, request.user).found.select_related("created_by")
    answer = StreamingHttpResponse(csv_lines(_download_rows(found)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="tickets_{timezone.now():%Y-%m-%d-%H-%M-%S}.csv"'
    return answer


def _download_rows(tickets: TicketQuerySet) -> Iterator[list[str]]:
    yield [_("Number"), _("Title"), _("Severity"), _("Status"), _("Due"), _("Author"), _("Created"), _("Description")]
    for ticket in tickets.iterator(chunk_size=1000):
        yield [
            ticket.ticket_number,
            ticket.title,
            ticket.get_severity_display(),
            ticket.get_status_display(),
            _local(ticket.due_date),
            ticket.created_by.email,
            _local(ticket.created_at),
            ticket.description,
        ]


def _local(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "Y-m-d H:i")
