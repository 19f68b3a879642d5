"""What a reviewer finds on a ticket's page: the form, and for each severity what choosing it will do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from config.errors import DomainError
from tickets.errors import ReasonMissing, SameSeverity, SeverityMissing
from tickets.forms import ReviewForm
from tickets.models import Ticket
from tickets.workflow import Severity, Status, after_severity_change

# The field of the form at which a refusal is shown; any other stands above the whole page.
REFUSED_FIELDS = {ReasonMissing: "reason", SeverityMissing: "decision", SameSeverity: "decision"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A severity that a reviewer may choose: `value` in the form, what it does, and what the button then says."""

    value: str
    level: Severity
    outcome: str
    verb: str


def choices(ticket: Ticket) -> list[Choice]:
    """All levels; the present one stands for approving the ticket as it is."""
    return [_choice(Severity(ticket.severity), level) for level in Severity]


def _choice(present: Severity, level: Severity) -> Choice:
    name = {"level": level.label}
    match after_severity_change(present, level):
        case None:
            return Choice(ReviewForm.APPROVE, level, _("approves it as it is"), _("Approve"))
        case Status.REVIEW:
            return Choice(level, level, _("sends it back to the author"), _("Send back as %(level)s") % name)
        case _:
            return Choice(level, level, _("approves it"), _("Approve as %(level)s") % name)


def review_form(ticket: Ticket, typed: Mapping[str, Any] | None = None) -> ReviewForm:
    """The form of a review of the ticket as it is now, with what was typed into an earlier one."""
    version = {"version": ticket.version}
    return ReviewForm({**typed, **version} if typed else None, initial=version, auto_id="%s")


def add_refusal(form: ReviewForm, error: DomainError, message: str) -> None:
    """Tell at the fields why the review was refused, unless they say already what is wrong with them."""
    told = {REFUSED_FIELDS[type(error)]: [message]} if type(error) in REFUSED_FIELDS else error.fields or {}
    for field in told.keys() - form.errors.keys():
        form.add_error(field, list(told[field]))
