"""How pages show runs and what was said about rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from csvsync.models import RowError, Run
from csvsync.pages import wording
from csvsync.verdicts import Verdict

register = template.Library()

register.filter("kind", wording.kind_of)
register.filter("subject", wording.subject)
register.filter("heading", wording.heading)
register.filter("result", wording.result)
register.filter("announcement", wording.announcement)


@register.inclusion_tag("csvsync/state.html")
def state(run: Run) -> dict[str, Any]:
    """A shape and a word; of a dry run that is done, only that it is one."""
    return {"run": run}


@register.filter
def verdict(row: RowError) -> str:
    """What was said about a row, in a word or two."""
    return str(wording.VERDICTS[Verdict(row.verdict)])


@register.filter
def took(run: Run) -> str:
    """How long a run lasted; nothing while it runs."""
    return "" if run.finished_at is None else _length(run.finished_at - run.started_at)


def _length(time: timedelta) -> str:
    seconds = time.total_seconds()
    if seconds < 1:
        return _("under 1 s")
    if seconds < 60:
        return _("%(seconds).1f s") % {"seconds": seconds}
    return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}
