"""What the import says about single rows, in words for programs and for people."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext as _


class Verdict(StrEnum):
    """How a row counts. The errors stand in the order in which they are judged."""

    UNREADABLE_ROW = "unreadable_row"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_TICKET = "unknown_ticket"
    TICKET_MISMATCH = "ticket_mismatch"
    CONTRADICTORY_ROWS = "contradictory_rows"
    ILLEGAL_MOVE = "illegal_move"
    SKIPPED = "skipped"
    UPDATED = "updated"


# Of an unknown ticket: it may exist, but was not part of what the cycle had exported.
NOT_EXPORTED = "not exported"
NO_ERRORS = (Verdict.SKIPPED, Verdict.UPDATED)
ERRORS = tuple(verdict for verdict in Verdict if verdict not in NO_ERRORS)


class Judged(NamedTuple):
    """A row with its verdict and what a person needs to know about it.

    `ticket` is its key as written, `number` and `from_status` those of the ticket that was found. `note` is what was
    found in the file: the status as written, or how many cells of how many, such as `3/4`; or NOT_EXPORTED.
    """

    line: int
    ticket: str | None
    verdict: Verdict
    note: str | None
    to_status: str | None
    number: str | None
    from_status: str | None


def message(row: Judged) -> str:
    """What is wrong with a row and what to do about it."""
    match row.verdict:
        case Verdict.UNREADABLE_ROW if row.note:
            found, _slash, expected = row.note.partition("/")
            text = _(
                "This row has another number of cells (%(found)s) than the header (%(expected)s)."
                " Look for a missing separator or one that needs quotes."
            )
            return text % {"found": found, "expected": expected}
        case Verdict.UNREADABLE_ROW:
            return _("This row names no ticket. Fill in id or ticket_number.")
        case Verdict.UNKNOWN_STATUS if row.note:
            return _("“%(status)s” cannot be imported. Write PENDING, OPEN or CLOSED.") % {"status": row.note}
        case Verdict.UNKNOWN_STATUS:
            return _("The status is missing. Write PENDING, OPEN or CLOSED.")
        case Verdict.UNKNOWN_TICKET if row.note == NOT_EXPORTED:
            return _("There is no such ticket in the export that this file answers.")
        case Verdict.UNKNOWN_TICKET:
            return _("There is no such ticket, or it was deleted. Check the id or ticket number.")
        case Verdict.TICKET_MISMATCH:
            text = _("The id is that of %(number)s, which is not the ticket_number beside it. Correct one of the two.")
            return text % {"number": row.number}
        case Verdict.CONTRADICTORY_ROWS:
            return _("The file gives this ticket two different statuses. Keep the rows with the right one.")
        case Verdict.ILLEGAL_MOVE:
            text = _("A ticket in %(from)s cannot become %(to)s. Leave the row out, or begin with a new export.")
            return text % {"from": row.from_status, "to": row.to_status}
        case Verdict.SKIPPED | Verdict.UPDATED:
            return ""
