"""What the pages about triage quality show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.paging import Paged, PageRequest
from tickets.models import Ticket
from tickets.workflow import Severity
from triage.llm.answer import Failure
from triage.models import Source
from triage.quality.cases import NONE, Case
from triage.quality.measures import Record, measure_quality

SCOPE = ("source", "model", "month")

FAILURES = {
    Failure.TIMEOUT: gettext_lazy("no answer in time"),
    Failure.UNREACHABLE: gettext_lazy("not reached"),
    Failure.REFUSED: gettext_lazy("answered with an error"),
    Failure.UNUSABLE: gettext_lazy("no clear answer"),
    Failure.BUSY: gettext_lazy("busy with other tickets"),
    Failure.LIMITED: gettext_lazy("asked too often by one person"),
    Failure.RESTING: gettext_lazy("left alone after failures"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One slice: its name for people, the query that asks for its tickets, and how they fared."""

    label: str
    query: str
    record: Record


class QualityPage:
    """The figures, narrowed by what the query says of source, model and month. Raises InvalidInput."""

    def __init__(self, query: QueryDict) -> None:
        self.scope = Case(query, SCOPE)
        self.quality = measure_quality().narrowed(self.scope.fits)

    @property
    def levels(self) -> list[Severity]:
        return list(Severity)

    @cached_property
    def most(self) -> int:
        """The largest number in the table of what was suggested and decided."""
        return max(max(*row.decided, row.undecided) for row in self.quality.confusion)

    @property
    def slices(self) -> list[tuple[str, list[Line]]]:
        """By source, model and month, each with its heading."""
        quality = self.quality
        return [
            (_("Source"), self._lines("source", quality.by_source)),
            (_("Model"), self._lines("model", quality.by_model)),
            (_("Month"), self._lines("month", quality.by_month)),
        ]

    def _lines(self, name: str, slices: Iterable[tuple[str | None, Record]]) -> list[Line]:
        return [Line(_named(name, key), self.scope.query(**{name: key or NONE}), record) for key, record in slices]

    @property
    def failures(self) -> list[tuple[Any, int]]:
        """Why the language model gave no answer, the most frequent first."""
        counts = sorted(self.quality.by_fallback.items(), key=lambda item: -item[1])
        return [(FAILURES[Failure(reason)], count) for reason, count in counts]

    @property
    def speeds(self) -> list[tuple[str, int, int, int]]:
        """For each source its name, and for its newest suggestions their number, median and p99 in milliseconds."""
        return [(_named("source", one.source), one.count, one.median, one.p99) for one in self.quality.latency]


def _named(name: str, key: str | None) -> str:
    if name != "source":
        return key or ""
    return str(Source(key).label).capitalize() if key else _("Not in the ledger")


class CasePage(Paged[Ticket]):
    """The tickets that a query asks for, newest first, a page of them. Raises InvalidInput.

    How many there are comes from the figures, so that the page says the number that one has followed.
    """

    def __init__(self, query: QueryDict) -> None:
        self.case, self.page = Case(query), PageRequest.read(query)

    @cached_property
    def total(self) -> int:
        return measure_quality().narrowed(self.case.fits).overall.tickets

    @property
    def found(self) -> QuerySet[Ticket]:
        return self.case.tickets().select_related("created_by").defer("description")

    @property
    def figures(self) -> str:
        """The query of the figures that these tickets were counted in."""
        return Case(self.case.asked, SCOPE).query()
