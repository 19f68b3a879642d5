"""What the exchange pages list: runs, and what an import said about rows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import InvalidInput
from config.paging import Page, Paged
from csvsync.models import RowError, Run, RunQuerySet
from csvsync.pages.wording import VERDICTS
from csvsync.verdicts import ERRORS, Verdict

ROW_PAGE = "50"


# How people tell runs apart: name in the address, word, which ones. Parts of a cycle stand on its page, not here.
type Narrow = Callable[[RunQuerySet], RunQuerySet]
KINDS: dict[str, tuple[Any, Narrow]] = {
    "": (gettext_lazy("All"), lambda runs: runs),
    "CYCLE": (gettext_lazy("Cycles"), lambda runs: runs.cycles()),
    "IMPORT": (gettext_lazy("Imports"), lambda runs: runs.imports()),
    "PREVIEW": (gettext_lazy("Dry runs"), lambda runs: runs.dry_runs()),
    "EXPORT": (gettext_lazy("Exports"), lambda runs: runs.filter(kind=Run.Kind.EXPORT)),
    "PROCESS": (gettext_lazy("Processing"), lambda runs: runs.filter(kind=Run.Kind.PROCESS)),
}


class RunList(Paged[Run]):
    """The ledger, newest first. Raises InvalidInput for a query that cannot be understood."""

    def __init__(self, query: QueryDict) -> None:
        self.kind = query.get("kind", "")
        if self.kind not in KINDS:
            raise InvalidInput({"kind": [_("Write one of %(kinds)s.") % {"kinds": ", ".join(filter(None, KINDS))}]})
        self.page = Page.read(query)

    @property
    def found(self) -> QuerySet[Run]:
        return KINDS[self.kind][1](Run.objects.not_parts().select_related("started_by").newest_first())

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        groups = Run.objects.not_parts().values("kind", "dry_run").annotate(count=Count("*"))
        counts = dict.fromkeys(KINDS, 0)
        for group in groups:
            counts[""] += group["count"]
            counts["PREVIEW" if group["dry_run"] else group["kind"]] += group["count"]
        return counts

    @property
    def total(self) -> int:
        return self.counts[self.kind]

    @property
    def tabs(self) -> list[tuple[str, Any, int]]:
        return [(name, words, self.counts[name]) for name, (words, _narrow) in KINDS.items()]


class RowList(Paged[RowError]):
    """What an import or its dry run said about rows, as far as it was kept, narrowed by `show`.

    Of a dry run that is every row, of an import the wrong ones. Raises InvalidInput.
    """

    def __init__(self, run: Run, query: QueryDict) -> None:
        self.run = run
        self.page = Page.read({"page": query.get("page", ""), "pageSize": query.get("pageSize", "") or ROW_PAGE})
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
        return [(name, words, self._count(self._verdicts(name))) for name, words in [*groups, ("all", _("All"))]]

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
