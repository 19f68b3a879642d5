"""The exchange in the words of the desk."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.errors import DomainError
from csvsync.errors import FileMissing
from csvsync.models import Run
from csvsync.verdicts import Verdict

VERDICTS: dict[Verdict, Any] = {
    Verdict.UNREADABLE_ROW: gettext_lazy("Cannot be read"),
    Verdict.UNKNOWN_STATUS: gettext_lazy("Unknown status"),
    Verdict.UNKNOWN_TICKET: gettext_lazy("No such ticket"),
    Verdict.TICKET_MISMATCH: gettext_lazy("Id and number differ"),
    Verdict.CONTRADICTORY_ROWS: gettext_lazy("Contradict each other"),
    Verdict.ILLEGAL_MOVE: gettext_lazy("Not possible now"),
    Verdict.SKIPPED: gettext_lazy("Stays as it is"),
    Verdict.UPDATED: gettext_lazy("Changes"),
}


def kind_of(run: Run) -> str:
    return _("Dry run") if run.dry_run else run.get_kind_display()


def subject(run: Run) -> str:
    """What a run is about, where the kind stands beside it."""
    if run.file_name:
        return run.file_name
    if run.kind == Run.Kind.PROCESS:
        return _("Answer of the external system")
    return _("The nightly exchange") if run.started_by_id is None else _("Exchange started by hand")


def heading(run: Run) -> str:
    """What a run is about, by itself."""
    if run.file_name:
        return _("%(kind)s of %(file)s") % {"kind": kind_of(run), "file": run.file_name}
    return subject(run)


def announcement(run: Run) -> str:
    """What a screen reader says when the state of a run has changed."""
    if run.state == Run.State.RUNNING:
        return run.get_phase_display() or run.get_state_display()
    return f"{run.get_state_display()}. {result(run)}"


def refusal(error: DomainError) -> str:
    """A sentence or two for the person whose file or wish was refused."""
    if isinstance(error, FileMissing):
        return _("Choose a file first.")
    if error.fields and "run" not in error.fields:
        return " ".join([f"{error.message}.", *error.problems])
    return str(error.message)


def result(run: Run) -> str:
    """What came of a run, in one line; nothing while it runs."""
    if run.state != Run.State.SUCCEEDED:
        return run.error
    counts = run.counts
    match run.kind:
        case Run.Kind.EXPORT:
            return _tickets(counts.get("rows", 0))
        case Run.Kind.PROCESS:
            return _("The external system has answered")
        case Run.Kind.CYCLE if not counts.get("exported"):
            return _("Nothing was waiting")
        case Run.Kind.CYCLE:
            phrases = [_("%(tickets)s sent") % {"tickets": _tickets(counts["exported"])}, *_judged(run)]
        case _:
            phrases = _judged(run)
    if missing := counts.get("unreturned"):
        phrases.append(_("%(count)d never came back") % {"count": missing})
    return ", ".join(phrases)


def _judged(run: Run) -> list[str]:
    counts = run.counts
    if "total" not in counts:
        return []
    changed = _("%(count)d would change") if run.dry_run else _("%(count)d changed")
    phrases = [changed % {"count": counts["updated"]}]
    if counts["skipped"]:
        phrases.append(_("%(count)d as before") % {"count": counts["skipped"]})
    if counts["errors"]:
        phrases.append(_("%(count)d not applied") % {"count": counts["errors"]})
    return phrases


def _tickets(count: int) -> str:
    return ngettext("%(count)d ticket", "%(count)d tickets", count) % {"count": count}
