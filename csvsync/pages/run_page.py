"""What the page of one run shows, with the rows that it judged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import InvalidInput
from config.paging import Paged, PageRequest
from csvsync.models import RowError, Run
from csvsync.pages.wording import VERDICTS
from csvsync.verdicts import ERRORS, Verdict
from tickets.models import Ticket

UNRETURNED_SHOWN = 20
ROW_PAGE = "50"

STEPS = (
    (Run.Kind.EXPORT, gettext_lazy("Export of what is approved")),
    (Run.Kind.PROCESS, gettext_lazy("Processing by the external system")),
    (Run.Kind.IMPORT, gettext_lazy("Import of the answer")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a cycle; `run` is None where it has not begun, or never did."""

    label: Any
    run: Run | None


class RunPage:
    """What the page of a run shows. Raises InvalidInput for a query that cannot be understood."""

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
        """The parts of a cycle; none for other runs. A cycle with nothing to send ends after the export."""
        if self.run.kind != Run.Kind.CYCLE:
            return []
        steps = [Step(label, self.parts.get(kind)) for kind, label in STEPS]
        return [step for step in steps if step.run] if self.run.state == Run.State.SUCCEEDED else steps

    @property
    def has_judged(self) -> bool:
        """Whether rows were judged at all."""
        return self.judged is not None and "total" in self.judged.counts

    @property
    def rows_are_gone(self) -> bool:
        """Whether rows were judged whose verdicts have been removed since."""
        counts = self.judged.counts if self.judged else {}
        return bool(counts.get("errors") or (self.run.dry_run and counts.get("total"))) and not self.rows.counts

    @property
    def errors_left_out(self) -> int:
        """How many wrong rows were counted only and not kept, since there were so many."""
        wrong = self.judged.counts.get("errors", 0) if self.judged else 0
        return int(wrong) - self.rows.errors if self.rows.counts else 0

    @property
    def can_apply(self) -> bool:
        return self.run.dry_run and self.run.state == Run.State.SUCCEEDED and bool(self.run.kept_as)

    @cached_property
    def applied_as(self) -> Run | None:
        """For a dry run the import that applied it last; None for other runs, and where nobody has applied it."""
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


class RowList(Paged[RowError]):
    """What an import or its dry run said about rows, as far as it was kept, narrowed by `show`.

    Of a dry run that is every row, of an import the wrong ones. Raises InvalidInput.
    """

    def __init__(self, run: Run, query: QueryDict) -> None:
        self.run = run
        self.page = PageRequest.read({"page": query.get("page", ""), "pageSize": query.get("pageSize", "") or ROW_PAGE})
        self.asked = query.get("show", "")
        if self.asked and self.asked not in {"all", "errors", *Verdict}:
            raise InvalidInput({"show": [_("Write all, errors, updated, skipped, or a kind of error.")]})

    @cached_property
    def counts(self) -> dict[Verdict, int]:
        return RowError.objects.filter(run=self.run).count_verdicts()

    @property
    def show(self) -> str:
        """What is shown: unless asked otherwise, first what needs a person's eye."""
        return self.asked or ("errors" if self._count(ERRORS) else "all")

    @property
    def found(self) -> QuerySet[RowError]:
        return RowError.objects.filter(run=self.run).judged(self._verdicts(self.show)).in_order()

    @property
    def total(self) -> int:
        return self._count(self._verdicts(self.show))

    @property
    def tabs(self) -> list[tuple[str, Any, int]]:
        """The groups of rows, each with how many there are; of an import there is only one."""
        if not self.run.dry_run:
            return []
        groups = [("errors", _("Not applied")), ("updated", _("Would change")), ("skipped", _("Stay as they are"))]
        return [(name, label, self._count(self._verdicts(name))) for name, label in [*groups, ("all", _("All"))]]

    @property
    def tab(self) -> str:
        return "errors" if self.show in ERRORS else self.show

    @property
    def kinds(self) -> list[tuple[str, Any, int]]:
        """The kinds of error that there are, where there is a choice."""
        kinds = [(kind.value, VERDICTS[kind], self.counts[kind]) for kind in ERRORS if kind in self.counts]
        return kinds if len(kinds) > 1 and self.tab in ("errors", "all") and (self.tabs or self.total) else []

    @property
    def errors(self) -> int:
        return self._count(ERRORS)

    def _verdicts(self, show: str) -> Collection[Verdict]:
        match show:
            case "all":
                return tuple(Verdict)
            case "errors":
                return ERRORS
        return (Verdict(show),)

    def _count(self, verdicts: Collection[Verdict]) -> int:
        return sum(self.counts.get(verdict, 0) for verdict in verdicts)
