"""The list of tickets as the desk shows it: tabs with their counts, filters in use, rows, links."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models.functions import Left
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import User
from config.paging import Paged, PageRequest
from tickets import status_counts
from tickets.listing import wording
from tickets.listing.desk_filter import DeskFilter
from tickets.listing.filters import AUTHOR
from tickets.listing.typed_names import BOXES, TYPED
from tickets.models import Comment, Ticket, TicketQuerySet
from tickets.search.queries import number_in, search_words
from tickets.workflow import Severity, Status

# How many characters of descriptions one page of search results looks through for a line to show. Its tickets share
# them evenly, each from the beginning of its description, so that a page of very long texts is as fast as any other.
EXCERPT_BUDGET = 400_000


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use: its label, and the query without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Tab:
    """Tickets of one status, or of another part of all that fit, with how many they are and the query that has them."""

    id: str
    label: Any
    count: int
    query: str
    is_here: bool


class Listing(Paged[Ticket]):
    """A list as its query describes it. Raises InvalidInput for one that cannot be understood.

    A caller with many queries hands in the `people` whom they name, so that these are not looked up one by one.
    """

    def __init__(self, query: QueryDict, user: User, people: Mapping[uuid.UUID, User] | None = None) -> None:
        self.query, self.user, self.people = query, user, people
        self.page = PageRequest.read(query)
        self._filter = self._filtered(query)
        self._found = self._filter.found()
        if people is None:  # whom it names is known now, and is not looked up again for the counts
            self.people = {person.pk: person for person in self._filter.named.values()}

    @property
    def found(self) -> TicketQuerySet:
        return self._found

    def _filtered(self, query: QueryDict) -> DeskFilter:
        tickets = Ticket.objects.visible_to(self.user).live()
        return DeskFilter(query, queryset=tickets, user=self.user, people=self.people)

    @property
    def counts(self) -> dict[str, int]:
        """How many tickets of each status fit the other filters; under the empty name all of them."""
        counts = self._counted[0]
        return {"": sum(counts.values()), **counts}

    @property
    def asked(self) -> int:
        """How many tickets that wait for their author's answer fit the other filters."""
        return self._counted[1]

    @cached_property
    def _counted(self) -> tuple[dict[str, int], int]:
        """By status, and what waits for an answer; in one query where each ticket has to be looked at anyway."""
        if self._has_only_tabs:
            visible = Ticket.objects.visible_to(self.user)
            return status_counts.by_status(), visible.waiting_for_author().count()
        query = self._query_without("status", "sort", *self._tab_of_asked)
        found = self._filtered(query).found().with_asked().order_by().values_list("status")
        is_asked = Count("pk", filter=Q(status=Status.DRAFT, is_asked=True))
        rows = list(found.annotate(count=Count("*"), asked=is_asked).values_list("status", "count", "asked"))
        counts = dict.fromkeys(Status.values, 0) | {status: count for status, count, _asked in rows}
        return counts, sum(asked for _status, _count, asked in rows)

    @property
    def shows_asked(self) -> bool:
        """Whether the list is of what waits for an author's answer: it has a tab beside those of the statuses."""
        return self.query.get("waitingFor") == AUTHOR

    @property
    def _has_only_tabs(self) -> bool:
        """Whether nothing narrows the list but the tab."""
        others = [name for name in DeskFilter.base_filters if name not in ("status", "sort", *self._tab_of_asked)]
        return not any(self.query.get(name) for name in others)

    @property
    def _tab_of_asked(self) -> list[str]:
        return ["waitingFor"] if self.shows_asked else []

    @property
    def total(self) -> int:
        if self.shows_asked:
            return self.asked if self.query.get("status") in (None, "", Status.DRAFT) else 0
        return self.counts[self.query.get("status", "")]

    @cached_property
    def rows(self) -> list[Ticket]:
        """The tickets of this page.

        In two steps, ids first: to skip to a late page the database would otherwise have to sort and throw away whole
        rows with their authors, which takes much longer than doing so with ids.
        """
        chosen = [ticket.pk for ticket in self.page.slice(self.found.only("pk"), self.total)]
        tickets = Ticket.objects.select_related("created_by").defer("description").with_asked()
        if query := self.query.get("q", ""):  # only a search shows where in the description its text stands
            tickets = tickets.annotate(beginning=Left("description", EXCERPT_BUDGET // max(len(chosen), 1)))
            tickets = tickets.with_comment_found(query) if self._filter.in_comments else tickets
        found = tickets.in_bulk(chosen)
        return [found[pk] for pk in chosen if pk in found]

    @cached_property
    def comments(self) -> dict[uuid.UUID | None, Comment]:
        """The comments by which alone tickets of this page were found, by their ids."""
        if not (self.query.get("q") and self._filter.in_comments):
            return {}
        said = [row.said for row in self.rows if row.said]
        comments = Comment.objects.select_related("author").only("author", "ticket")
        return comments.annotate(beginning=Left("text", EXCERPT_BUDGET // max(len(said), 1))).in_bulk(said)

    @property
    def is_scattered(self) -> bool:
        """Whether several words were searched for and no ticket here has them as one phrase."""
        query = self.query.get("q", "")
        several = len(search_words(query).texts) > 1 and self.total > 0
        return several and not self.found.matching(query, in_comments=self._filter.in_comments).exists()

    @property
    def ticket_by_number(self) -> Ticket | None:
        """The ticket whose full number is all that is asked for, in whichever status it is."""
        number = number_in(self.query.get("q", ""))
        others = [name for name in DeskFilter.base_filters if name not in ("q", "status", "sort")]
        if number is None or not number.is_full or any(self.query.get(name) for name in others):
            return None
        return Ticket.objects.visible_to(self.user).live().filter(ticket_number=str(number)).first()

    @property
    def tabs(self) -> list[Tab]:
        here = None if self.shows_asked else self.query.get("status", "")
        tabs = [Tab("ALL", _("All"), self.counts[""], self._tab(""), here == "")]
        tabs += [Tab(s.value, s.label, self.counts[s.value], self._tab(s.value), here == s.value) for s in Status]
        if self.shows_asked or self.asked:
            asked = Tab(
                "ASKED", _("Waiting for an answer"), self.asked, self._tab("", waiting_for=AUTHOR), here is None
            )
            tabs.insert(2, asked)
        return tabs

    def _tab(self, status: str, *, waiting_for: str = "") -> str:
        query = self._query_without("page", "status", *self._tab_of_asked)
        if waiting_for:
            query["waitingFor"] = waiting_for
        if status:
            query["status"] = status
        return f"?{query.urlencode()}"

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(label, f"?{self._query_without(name, 'page').urlencode()}")
            for name, label in wording.filter_labels(self._filter)
            if name not in self._tab_of_asked
        ]

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """What the next search has to carry on although the form shows no field for it."""
        names = ("status", "waitingFor", "due", "dueBefore", "updatedSince", "pageSize", *TYPED.values())
        # Oneself as author or reviewer is a box of the form.
        return [(name, value) for name in names if (value := self.query.get(name)) and (name, value) not in BOXES]

    @property
    def severities(self) -> list[tuple[str, Any]]:
        return [(level.value, level.label) for level in Severity]

    @property
    def sorts(self) -> list[tuple[str, Any]]:
        return list(wording.SORT_LABELS.items())

    @property
    def canonical_query(self) -> str:
        """Filters and order in the one form in which two lists can be compared. It is what a saved view holds."""
        names = [*DeskFilter.base_filters, "in"]
        return urlencode([(name, value) for name in names if (value := self.query.get(name))])

    @property
    def in_words(self) -> list[str]:
        return wording.list_in_words(self._filter)

    def _query_without(self, *names: str) -> QueryDict:
        query = self.query.copy()
        for name in names:
            query.pop(name, None)
        return query

    def query_for_ticket(self, place: int) -> str:
        """What a link to a ticket carries, so that the ticket's page knows this list and its neighbours in it.

        `place` is where the ticket stands in the list: 0, 1, … from the beginning, or -1, -2, … from the end.
        """
        return urlencode({"list": self._query_without("page").urlencode(), "at": place})

    def query_of_page_with(self, place: int) -> str:
        """The query of the page on which that place is; of the last page where the list has become shorter."""
        query = self._query_without("page")
        number = max(0, place if place >= 0 else self.total + place) // self.page.size + 1
        if number > 1:  # most often it is the first, and then nobody has to count
            query["page"] = str(min(number, self.last_page))
        return query.urlencode()

    @property
    def links(self) -> list[tuple[Ticket, str, Comment | None]]:
        """The rows, each with the query of its link, and the comment by which alone it was found.

        Places are counted from the nearer end, as `neighbours` needs.
        """
        first, total = (self.page.number - 1) * self.page.size, self.total
        places = (i if i <= total // 2 else i - total for i in range(first, first + len(self.rows)))
        return [
            (row, self.query_for_ticket(place), self.comments.get(getattr(row, "said", None)))
            for row, place in zip(self.rows, places, strict=True)
        ]
