"""The list of tickets: tabs, filters, search, pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from urllib.parse import urlencode

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.db.models.functions import Left
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from config.errors import DomainError
from config.paging import Page, Paged
from tickets import status_counts
from tickets.listing.filters import ChoiceFilter, TicketFilter
from tickets.models import Ticket, TicketQuerySet
from tickets.search.queries import number_in, words
from tickets.workflow import Severity, Status

SORT_WORDS = {
    "": gettext_lazy("Newest first"),
    "number": gettext_lazy("Oldest first"),
    "-updatedAt": gettext_lazy("Changed last"),
    "updatedAt": gettext_lazy("Unchanged longest"),
    "dueDate": gettext_lazy("Due first"),
    "-severity": gettext_lazy("Most severe"),
    "severity": gettext_lazy("Least severe"),
    "status": gettext_lazy("Status"),
}


LOOKED_THROUGH = 400_000
"""Characters of all descriptions of a page that are looked through for a line to show, each from its beginning."""


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time())).astimezone(UTC)


class DayField(forms.DateField):
    """A day on which a ticket may have been created."""

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        if day is not None and not 2000 <= day.year <= 9000:
            raise ValidationError(_("Write a day such as 2026-01-31."))
        return day


class DayFilter(filters.Filter):
    field_class = DayField


class DeskFilter(TicketFilter):
    """The API's query, and what only people ask for; days are the person's own."""

    awaiting = ChoiceFilter(choices=[("me", "me")], method="awaiting_my_review")
    overdue = ChoiceFilter(choices=[("1", "1")], method="late")
    due = ChoiceFilter(choices=[("soon", "soon")], method="almost_late")
    createdFrom = DayFilter(method="created_from")  # noqa: N815 - like its neighbours
    createdTo = DayFilter(method="created_to")  # noqa: N815 - like its neighbours

    def search(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.matching_words(value)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A ticket whose number is searched for stands first, whatever the order."""
        found = cast(TicketQuerySet, super().filter_queryset(queryset))
        number = number_in(self.form.cleaned_data.get("q") or "")
        return found.numbered_first(number) if number else found

    def awaiting_my_review(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.awaiting_review_by(self.user)

    def late(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.overdue()

    def almost_late(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.due_soon()

    def created_from(self, queryset: TicketQuerySet, name: str, value: date) -> TicketQuerySet:
        return queryset.filter(created_at__gte=_midnight(value))

    def created_to(self, queryset: TicketQuerySet, name: str, value: date) -> TicketQuerySet:
        return queryset.filter(created_at__lt=_midnight(value + timedelta(days=1)))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, and the query without it."""

    words: str
    without: str


class Listing(Paged[Ticket]):
    """A list as its query describes it. Raises InvalidInput for one that cannot be understood.

    Who reads many queries hands in the `people` that they name, so that they are not looked up one by one.
    """

    def __init__(self, query: QueryDict, user: User, people: Mapping[uuid.UUID, User] | None = None) -> None:
        self.query, self.user, self.people = query, user, people
        self.page = Page.read(query)
        self._filter = self._filtered(query)
        self._found = self._filter.found()

    @property
    def found(self) -> TicketQuerySet:
        return self._found

    def _filtered(self, query: QueryDict) -> DeskFilter:
        return DeskFilter(query, queryset=Ticket.objects.live(), user=self.user, people=self.people)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many fit in each status, that filter itself aside; under the empty name all of them."""
        if self._filter.only_status:
            counts = status_counts.by_status()
        else:
            query = self.query.copy()
            for name in ("status", "sort"):
                query.pop(name, None)
            rows = self._filtered(query).found().order_by().values_list("status").annotate(count=Count("*"))
            counts = dict.fromkeys(Status.values, 0) | dict(rows)
        return {"": sum(counts.values()), **counts}

    @property
    def total(self) -> int:
        return self.counts[self.query.get("status", "")]

    @cached_property
    def rows(self) -> list[Ticket]:
        # First which ones, then the rows: skipping and sorting whole rows and their authors would take much longer.
        chosen = [ticket.pk for ticket in self.page.slice(self.found.only("pk"), self.total)]
        tickets = Ticket.objects.select_related("created_by")
        tickets = tickets.defer("description")
        if self.query.get("q"):  # only a search shows where in the description its text stands
            tickets = tickets.annotate(beginning=Left("description", LOOKED_THROUGH // max(len(chosen), 1)))
        found = tickets.in_bulk(chosen)
        return [found[pk] for pk in chosen if pk in found]

    @property
    def is_scattered(self) -> bool:
        """Whether several words were searched for and no ticket here has them as one phrase."""
        query = self.query.get("q", "")
        several = len(words(query).texts) > 1 and self.total > 0
        return several and not self.found.matching(query).exists()

    @property
    def named(self) -> Ticket | None:
        """The ticket whose full number is all that is asked for, in whichever status it is."""
        number = number_in(self.query.get("q", ""))
        others = [name for name in DeskFilter.base_filters if name not in ("q", "status", "sort")]
        if number is None or not number.is_full or any(self.query.get(name) for name in others):
            return None
        return Ticket.objects.live().filter(ticket_number=str(number)).first()

    @property
    def tabs(self) -> list[tuple[str, Any, int]]:
        return [("", _("All"), self.counts[""]), *((s.value, s.label, self.counts[s.value]) for s in Status)]

    @property
    def chips(self) -> list[Chip]:
        return [Chip(words, self._without(name)) for name, words in self._words() if self.query.get(name)]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What a search keeps although the form has no field for it."""
        names = ("status", "due", "dueBefore", "updatedSince", "pageSize")
        return [(name, value) for name in names if (value := self.query.get(name))]

    @property
    def severities(self) -> list[tuple[str, Any]]:
        return [(level.value, level.label) for level in Severity]

    @property
    def sorts(self) -> list[tuple[str, Any]]:
        return list(SORT_WORDS.items())

    @property
    def filters(self) -> str:
        """What the list is narrowed to and sorted by, in one form: as a view of it is remembered."""
        return urlencode([(name, value) for name in DeskFilter.base_filters if (value := self.query.get(name))])

    @property
    def in_words(self) -> list[str]:
        """The same for people."""
        status, sort = self.query.get("status"), self.query.get("sort")
        words = [str(Status(status).label)] if status else []
        words += [chip.words for chip in self.chips]
        return [*words, str(SORT_WORDS.get(sort, sort))] if sort else words

    def _words(self) -> Iterator[tuple[str, str]]:
        value = self.query.get
        yield "q", format_html(_("with “{text}”"), text=format_html("<bdi>{}</bdi>", value("q", "")))
        if severity := value("severity"):
            yield "severity", _("severity %(level)s") % {"level": Severity(severity).label}
        if author := self._filter.author:
            by_me = value("createdBy") == "me"
            yield "createdBy", _("raised by me") if by_me else _("raised by %(person)s") % {"person": author.email}
        yield "awaiting", _("awaiting my review")
        yield "overdue", _("overdue")
        yield "due", _("due soon")
        yield "createdFrom", _("created from %(day)s") % {"day": value("createdFrom")}
        yield "createdTo", _("created until %(day)s") % {"day": value("createdTo")}
        yield "dueBefore", _("due before %(time)s") % {"time": value("dueBefore")}
        yield "updatedSince", _("changed since %(time)s") % {"time": value("updatedSince")}

    def _without(self, *names: str) -> str:
        query = self.query.copy()
        for name in (*names, "page"):
            query.pop(name, None)
        return f"?{query.urlencode()}"

    def link_to_ticket(self, at: int) -> str:
        """What a ticket's address carries, so that its page knows the neighbours.

        `at` is the ticket's place in the list: from 0, or from -1 at the end.
        """
        query = self.query.copy()
        query.pop("page", None)
        return urlencode({"list": query.urlencode(), "at": at})

    def page_with(self, at: int) -> str:
        """The query of the page on which that place is; of the last one where the list has become shorter."""
        query = self.query.copy()
        query.pop("page", None)
        number = max(0, at if at >= 0 else self.total + at) // self.page.size + 1
        if number > 1:  # most often it is the first, and then nobody has to count
            query["page"] = str(min(number, self.last_page))
        return query.urlencode()

    @property
    def links(self) -> list[tuple[Ticket, str]]:
        first, total = (self.page.number - 1) * self.page.size, self.total
        places = (i if i <= total // 2 else i - total for i in range(first, first + len(self.rows)))
        return [(row, self.link_to_ticket(at)) for row, at in zip(self.rows, places, strict=True)]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tickets before and after one in the list that one came from, each with its query, and the way `back`."""

    back: str
    previous: tuple[Ticket, str] | None
    next: tuple[Ticket, str] | None


def neighbours(ticket: Ticket, request: SignedInRequest) -> Neighbours | None:
    """Read from `list` (its query) and `at` (the place in it); None where one came from no list.

    Where the ticket has left the list meanwhile, the next one has moved up into its place.
    """
    came = _came_from(request)
    if came is None:
        return None
    listing, at = came
    from_end = at < 0
    # Places are counted from the end that is nearer, so that the last ticket is found as quickly as the first.
    place = -at - 1 if from_end else at
    found = listing.found.only("ticket_number", "title")
    start = max(0, place - 1)
    near = list(enumerate((found.reverse() if from_end else found)[start : place + 2], start))
    nearer = [(i, row) for i, row in near if i < place and row != ticket]
    farther = [(i, row) for i, row in near if i >= place and row != ticket]
    ways = [_way(listing, rows, from_end=from_end) for rows in (nearer, farther)]
    before, after = reversed(ways) if from_end else ways
    return Neighbours(listing.page_with(at), before, after)


def _came_from(request: SignedInRequest) -> tuple[Listing, int] | None:
    query, at = request.GET.get("list"), request.GET.get("at", "")
    if query is None or not re.fullmatch("-?[0-9]{1,9}", at):
        return None
    try:
        return Listing(QueryDict(query), request.user), int(at)
    except DomainError:
        return None


def way_back(request: SignedInRequest) -> str:
    """The address of the page of the list that one came from; of the whole list where one came from none."""
    came = _came_from(request)
    query = came[0].page_with(came[1]) if came else ""
    return f"{reverse('tickets:list')}?{query}" if query else reverse("tickets:list")


def _way(listing: Listing, rows: list[tuple[int, Ticket]], *, from_end: bool) -> tuple[Ticket, str] | None:
    if not rows:
        return None
    place, row = rows[0]
    return row, listing.link_to_ticket(-place - 1 if from_end else place)


@require_safe
@sign_in_required
def ticket_list(request: SignedInRequest) -> HttpResponse:
    """The whole page, or its results where htmx asks for them; the full number of a ticket leads to it."""
    listing = Listing(request.GET, request.user)
    in_part = request.headers.get("HX-Target") == "results"
    if ticket := listing.named:
        address = reverse("tickets:ticket", args=[ticket.ticket_number])
        return HttpResponseClientRedirect(address) if in_part else redirect(address)
    template = "tickets/list.html#results" if in_part else "tickets/list.html"
    answer = render(request, template, {"listing": listing})
    answer["Vary"] = "HX-Target"
    return answer
