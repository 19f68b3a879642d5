"""What the page of one run shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from csvsync.models import Run
from csvsync.pages.lists import RowList
from csvsync.pages.wording import VERDICTS
from csvsync.verdicts import Verdict
from tickets.models import Ticket

UNRETURNED_SHOWN = 20

STEPS = (
    (Run.Kind.EXPORT, _("Export of what is approved")),
    (Run.Kind.PROCESS, _("Processing by the external system")),
    (Run.Kind.IMPORT, _("Import of the answer")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a cycle; `run` is None where it has not begun, or never did."""

    words: Any
    run: Run | None


class RunPage:
    """Raises InvalidInput for a query that cannot be understood."""

    def __init__(self, run: Run, query: QueryDict) -> None:
        self.run = run
        self.parts = {part.kind: part for part in run.parts.all()}
        # Of a cycle, what there is to say about rows stands in its import.
        self.judged = self.parts.get(Run.Kind.IMPORT) if run.kind == Run.Kind.CYCLE else run
        self.rows = RowList(self.judged or run, query)

    @property
    def is_running(self) -> bool:
        return self.run.state == Run.State.RUNNING

    @property
    def steps(self) -> list[Step]:
        """Of a cycle. With nothing to send it ends after the export."""
        if self.run.kind != Run.Kind.CYCLE:
            return []
        steps = [Step(words, self.parts.get(kind)) for kind, words in STEPS]
        return [step for step in steps if step.run] if self.run.state == Run.State.SUCCEEDED else steps

    @property
    def has_judged(self) -> bool:
        """Whether rows were judged at all."""
        return self.judged is not None and "total" in self.judged.counts

    @property
    def rows_are_gone(self) -> bool:
        """Whether there were rows to tell of that are not kept any more."""
        counts = self.judged.counts if self.judged else {}
        return bool(counts.get("errors") or (self.run.dry_run and counts.get("total"))) and not self.rows.counts

    @property
    def errors_left_out(self) -> int:
        """Wrong rows that were counted only, since there were so many."""
        wrong = self.judged.counts.get("errors", 0) if self.judged else 0
        return int(wrong) - self.rows.errors if self.rows.counts else 0

    @property
    def can_apply(self) -> bool:
        return self.run.dry_run and self.run.state == Run.State.SUCCEEDED and bool(self.run.kept_as)

    @cached_property
    def applied_as(self) -> Run | None:
        """Of a dry run: the import that applied it last."""
        if not self.run.dry_run:
            return None
        return self.run.applied_as.filter(state=Run.State.SUCCEEDED).newest_first().first()

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Rows that were judged otherwise than in the dry run that was applied; the first of them."""
        return [
            {"row": row, "ticket": ticket, "before": VERDICTS[Verdict(before)], "now": VERDICTS[Verdict(now)]}
            for row, ticket, before, now in self.run.changes
        ]

    @cached_property
    def unreturned(self) -> list[Ticket]:
        """The first tickets that were sent and never came back."""
        if not (self.judged and self.judged.counts.get("unreturned")):
            return []
        missing = self.judged.unreturned.values("ticket")
        return list(Ticket.objects.filter(pk__in=missing).oldest_first().defer("description")[:UNRETURNED_SHOWN])
