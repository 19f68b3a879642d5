"""How suggestions fared: what authors made of them, and where managers then moved the tickets.

A ticket counts if a suggestion came with it: one in the ledger with the same text, or the severity that its author
sent along as suggested. Deleted tickets do not count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncMonth

from config.caching import cached_if_slow
from tickets.models import HistoryEntry, Ticket
from tickets.workflow import Severity
from triage.matching import match_tickets
from triage.models import Source, Suggestion

# Latency figures are of that many newest suggestions.
LATENCIES_READ = 5000


@dataclass(frozen=True, slots=True)
class Group:
    """How many tickets are alike in all that matters here. `reviewed` is None until a manager has decided.

    The database counts the groups, and every figure is added up from them. So any slice of the figures costs the same
    few queries, however many tickets there are.
    """

    source: str | None
    model: str | None
    month: str
    suggested: Severity
    chosen: Severity
    reviewed: Severity | None
    tickets: int


@dataclass(slots=True)
class Record:
    """Counts of one slice, and the rates that follow from them; a rate of nothing is None."""

    tickets: int = 0
    accepted: int = 0
    reviewed: int = 0
    overridden: int = 0
    confirmed: int = 0
    raised: int = 0
    lowered: int = 0

    @property
    def acceptance(self) -> float | None:
        """Share of tickets whose author chose the suggested severity."""
        return _share(self.accepted, self.tickets)

    @property
    def kept(self) -> int:
        """How many reviewed tickets kept the severity that the author had chosen."""
        return self.reviewed - self.overridden

    @property
    def override_rate(self) -> float | None:
        """Share of reviewed tickets whose severity a manager changed."""
        return _share(self.overridden, self.reviewed)

    @property
    def agreement(self) -> float | None:
        """Share of reviewed tickets that ended at the suggested severity."""
        return _share(self.confirmed, self.reviewed)

    def add(self, group: Group) -> None:
        self.tickets += group.tickets
        self.accepted += group.tickets * (group.chosen == group.suggested)
        if group.reviewed is not None:
            self.reviewed += group.tickets
            self.overridden += group.tickets * (group.reviewed != group.chosen)
            self.confirmed += group.tickets * (group.reviewed == group.suggested)
            self.raised += group.tickets * (group.reviewed.rank > group.suggested.rank)
            self.lowered += group.tickets * (group.reviewed.rank < group.suggested.rank)


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """What managers made of tickets for which this level was suggested: a count for each level that they decided on,
    in rank order, and of those that nobody has decided on."""

    suggested: Severity
    decided: list[int]
    undecided: int

    @property
    def levels(self) -> list[tuple[Severity, int]]:
        return list(zip(Severity, self.decided, strict=True))

    @property
    def total(self) -> int:
        return sum(self.decided) + self.undecided


@dataclass(frozen=True, slots=True)
class Latency:
    """How long suggestions of one source took, in milliseconds."""

    source: str
    count: int
    median: int
    p99: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The record as a whole and sliced; slices are (what they have in common, record), the largest source first.

    `groups` is what all of it was counted from.
    """

    suggestions: int
    by_fallback: dict[str, int]
    overall: Record
    by_source: list[tuple[str | None, Record]]
    by_model: list[tuple[str | None, Record]]
    by_month: list[tuple[str, Record]]
    by_level: list[tuple[Severity, Record]]
    latency: list[Latency]
    groups: list[Group]

    @property
    def confusion(self) -> list[ConfusionRow]:
        """A row for each level that could be suggested."""
        counts: Counter[tuple[Severity, Severity | None]] = Counter()
        for group in self.groups:
            counts[group.suggested, group.reviewed] += group.tickets
        return [
            ConfusionRow(made, [counts[made, level] for level in Severity], counts[made, None]) for made in Severity
        ]

    def narrowed(self, fits: Callable[[Group], bool]) -> Quality:
        """The same, with only the tickets of groups that fit counted."""
        groups = [group for group in self.groups if fits(group)]
        return Quality(self.suggestions, self.by_fallback, *_sliced(groups), self.latency, groups)


def measure_quality() -> Quality:
    """The figures as of now, or of a moment ago where measuring takes long (config/caching.py).

    First looks for tickets that have come of suggestions since the last time.
    """
    return cached_if_slow("triage.quality", _measure)


def _measure() -> Quality:
    match_tickets()
    groups = [_group(row) for row in _rows()]
    fallbacks = Suggestion.objects.exclude(fallback=None).order_by("fallback").values_list("fallback")
    by_fallback = {str(reason): count for reason, count in fallbacks.annotate(Count("pk"))}
    return Quality(Suggestion.objects.count(), by_fallback, *_sliced(groups), _latencies(), groups)


def judged_tickets() -> QuerySet[Ticket, Any]:
    """Tickets that count, with what was `suggested` and what the author had `chosen`."""
    chosen = HistoryEntry.objects.filter(ticket=OuterRef("pk"), version=1).values("to_severity")[:1]
    tickets = Ticket.objects.live().filter(Q(suggestion__isnull=False) | Q(ai_suggested_severity__isnull=False))
    suggested = Coalesce("suggestion__severity", "ai_suggested_severity")
    return tickets.annotate(suggested=suggested, chosen=Subquery(chosen))


def _rows() -> Iterable[dict[str, Any]]:
    tickets = judged_tickets().annotate(
        month=TruncMonth("created_at", tzinfo=UTC),
        source=F("suggestion__source"),
        llm=F("suggestion__model"),
        decided=Q(reviewed_by__isnull=False),
    )
    rows = tickets.values("source", "llm", "month", "suggested", "chosen", "severity", "decided").order_by()
    return (dict(row) for row in rows.annotate(tickets=Count("pk")))


def _group(row: dict[str, Any]) -> Group:
    return Group(
        source=row["source"],
        model=row["llm"],
        month=f"{row['month']:%Y-%m}",
        suggested=Severity(row["suggested"]),
        chosen=Severity(row["chosen"]),
        reviewed=Severity(row["severity"]) if row["decided"] else None,
        tickets=row["tickets"],
    )


def _sliced(groups: list[Group]) -> tuple[Record, list[Any], list[Any], list[Any], list[Any]]:
    """The fields of Quality from `overall` to `by_level`."""
    return (
        _record(groups),
        _slices(groups, lambda group: group.source),
        _slices((g for g in groups if g.source == Source.LLM), lambda group: group.model),
        sorted(_slices(groups, lambda group: group.month), reverse=True),
        sorted(_slices(groups, lambda group: group.suggested), key=lambda level: level[0].rank),
    )


def _record(groups: Iterable[Group]) -> Record:
    record = Record()
    for group in groups:
        record.add(group)
    return record


def _slices[Key](groups: Iterable[Group], key: Callable[[Group], Key]) -> list[tuple[Key, Record]]:
    records: dict[Key, Record] = defaultdict(Record)
    for group in groups:
        records[key(group)].add(group)
    return sorted(records.items(), key=lambda item: -item[1].tickets)


def _latencies() -> list[Latency]:
    newest = Suggestion.objects.order_by("-created_at").values_list("source", "latency_ms")[:LATENCIES_READ]
    by_source: dict[str, list[int]] = defaultdict(list)
    for source, milliseconds in newest:
        by_source[source].append(milliseconds)
    return [
        Latency(source, len(values), _quantile(values, 0.5), _quantile(values, 0.99))
        for source, values in sorted(by_source.items())
    ]


def _quantile(values: list[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
