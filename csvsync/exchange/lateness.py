"""Whether the nightly job comes as often as it should."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Subquery
from django.utils import timezone

from csvsync.models import Run


@dataclass(frozen=True, slots=True)
class LastCycles:
    """The newest cycle, whoever began it, and when the nightly job last got one done; each None where there is none."""

    cycle: Run | None
    nightly_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether the last success of the nightly job lies further back than NIGHTLY_WITHIN.

        A job that has never succeeded is not late: it may not be set up yet. A cycle that a person started does not
        count, or it would hide that the job stays away.
        """
        return self.nightly_at is not None and self.nightly_at < timezone.now() - settings.NIGHTLY_WITHIN


def last_cycles() -> LastCycles:
    """How the cycles stand at this moment, read by one query."""
    nightly = Run.objects.cycles().succeeded().filter(started_by=None)
    at = nightly.order_by("-finished_at").values("finished_at")[:1]
    newest = Run.objects.cycles().newest_first().select_related("started_by").annotate(nightly_at=Subquery(at))
    for cycle in newest[:1]:
        return LastCycles(cycle, cycle.nightly_at)  # type: ignore[attr-defined]  # annotated above
    return LastCycles(None, None)
