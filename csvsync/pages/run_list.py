"""The list of runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import InvalidInput
from config.paging import Paged, PageRequest
from csvsync.models import Run, RunQuerySet

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
        self.page = PageRequest.read(query)

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
        return [(name, label, self.counts[name]) for name, (label, _narrow) in KINDS.items()]
