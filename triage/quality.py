"""How suggestions fared: what authors made of them, and where managers then moved the tickets.

A ticket counts if a suggestion came with it: one in the ledger with the same text, or the severity that its author
sent along as suggested. Deleted tickets do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncMonth

from tickets.models import HistoryEntry, Ticket
from tickets.workflow import Action, Severity
from triage.ledger import match_tickets
from triage.models import Source, Suggestion

LATENCIES_READ = 5000
"""Latency figures are of that many newest suggestions."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets that are alike in all that matters here. `reviewed` is None until a manager has decided."""

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
class Latency:
    """Of suggestions of one source, in milliseconds."""

    source: str
    count: int
    median: int
    p99: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The record as a whole and sliced; slices are (what they have in common, record), the largest source first."""

    suggestions: int
    by_fallback: dict[str, int]
    overall: Record
    by_source: list[tuple[str | None, Record]]
    by_model: list[tuple[str | None, Record]]
    by_month: list[tuple[str, Record]]
    by_level: list[tuple[Severity, Record]]
    latency: list[Latency] = field(default_factory=list)


def measure_quality() -> Quality:
    """The figures as of now. First looks for tickets that have come of suggestions since the last time."""
    match_tickets()
    groups = _groups()
    fallbacks = Suggestion.objects.exclude(fallback=None).order_by("fallback").values_list("fallback")
    return Quality(
        suggestions=Suggestion.objects.count(),
        by_fallback={str(reason): count for reason, count in fallbacks.annotate(Count("pk"))},
        overall=_record(groups),
        by_source=_slices(groups, lambda group: group.source),
        by_model=_slices((g for g in groups if g.source == Source.LLM), lambda group: group.model),
        by_month=sorted(_slices(groups, lambda group: group.month), reverse=True),
        by_level=sorted(_slices(groups, lambda group: group.suggested), key=lambda level: level[0].rank),
        latency=_latencies(),
    )


def _groups() -> list[Group]:
    chosen = HistoryEntry.objects.filter(ticket=OuterRef("pk"), action=Action.CREATED).values("to_severity")[:1]
    tickets = Ticket.objects.live().filter(Q(suggestion__isnull=False) | Q(ai_suggested_severity__isnull=False))
    rows = (
        tickets.annotate(
            month=TruncMonth("created_at"),
            suggested=Coalesce("suggestion__severity", "ai_suggested_severity"),
            chosen=Subquery(chosen),
            source=F("suggestion__source"),
            llm=F("suggestion__model"),
            decided=Q(reviewed_by__isnull=False),
        )
        .values("source", "llm", "month", "suggested", "chosen", "severity", "decided")
        .order_by()
        .annotate(tickets=Count("pk"))
    )
    return [_group(dict(row)) for row in rows]


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
