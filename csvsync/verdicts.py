"""What the import says about single rows, in words for programs and for people."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext as _

from csvsync.files.characters import shown, unseen


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


# Notes of an unknown ticket: it may exist, but was not part of what the cycle had exported; or what stands under `id`
# cannot be an id of ours.
NOT_EXPORTED = "not exported"
FOREIGN_ID = "foreign id"
# Notes of an unreadable row begin with this, or with the number of its cells, such as `3/4`; behind that stand the
# lines that it has taken in, such as `3-5`.
STRAY_QUOTE = "quote"
NO_ERRORS = (Verdict.SKIPPED, Verdict.UPDATED)
ERRORS = tuple(verdict for verdict in Verdict if verdict not in NO_ERRORS)


class Judged(NamedTuple):
    """A row with its verdict and what a person needs to know about it.

    `row` is the line of the file at which it begins, `ticket` its key as written, `note` what was found in it: the
    status as written, or one of the notes above. `number` and `from_status` are those of the ticket that was found.
    """

    row: int
    ticket: str | None
    verdict: Verdict
    note: str | None
    to_status: str | None
    number: str | None
    from_status: str | None

    @property
    def message(self) -> str:
        """What is wrong with it and what to do about it; empty where nothing is."""
        match self.verdict:
            case Verdict.UNREADABLE_ROW:
                return _unreadable_message(self.note or "")
            case Verdict.UNKNOWN_STATUS if self.note:
                text = _("“%(status)s” cannot be imported. Write PENDING, OPEN or CLOSED.")
                return text % {"status": shown(self.note)}
            case Verdict.UNKNOWN_STATUS:
                return _("The status is missing. Write PENDING, OPEN or CLOSED.")
            case Verdict.UNKNOWN_TICKET:
                return _unknown_ticket_message(self)
            case Verdict.TICKET_MISMATCH:
                text = _(
                    "The id is that of %(number)s, which is not the ticket_number beside it. Correct one of the two."
                )
                return text % {"number": self.number}
            case Verdict.CONTRADICTORY_ROWS:
                return _("The file gives this ticket two different statuses. Keep the rows with the right one.")
            case Verdict.ILLEGAL_MOVE:
                text = _("A ticket in %(from)s cannot become %(to)s. Leave the row out, or begin with a new export.")
                return text % {"from": self.from_status, "to": self.to_status}
            case Verdict.SKIPPED | Verdict.UPDATED:
                return ""


def unreadable(reason: str, line: int, last_line: int) -> str:
    """The note of an unreadable row that reaches from line to line."""
    return f"{reason} {line + 1}-{last_line}" if last_line > line else reason


def _unreadable_message(note: str) -> str:
    reason, _space, lines = note.partition(" ")
    if reason == STRAY_QUOTE and not lines:
        text = _(
            "Text stands behind a closing quote. Write a quote that belongs to a cell twice, and quotes around it."
        )
    elif reason == STRAY_QUOTE:
        text = _("A stray quote was opened here: write it twice, and quotes around its cell, or take it out.")
    elif reason:
        found, _slash, expected = reason.partition("/")
        text = _(
            "This row has another number of cells (%(found)s) than the header (%(expected)s)."
            " Look for a missing separator or one that needs quotes."
        ) % {"found": found, "expected": expected}
    else:
        text = _("This row names no ticket. Fill in id or ticket_number.")
    return f"{text} {_swallowed(lines)}" if lines else text


def _swallowed(lines: str) -> str:
    first, _dash, last = lines.partition("-")
    if first == last:
        return _("Within its quotes it has swallowed line %(first)s; nothing of it was applied.") % {"first": first}
    text = _("Within its quotes it has swallowed lines %(first)s to %(last)s; nothing of them was applied.")
    return text % {"first": first, "last": last}


def _unknown_ticket_message(row: Judged) -> str:
    key = row.ticket or ""
    if row.note == NOT_EXPORTED:
        text = _("There is no such ticket in the export that this file answers.")
    elif row.note == FOREIGN_ID:
        text = _(
            "The column id is not ours: “%(id)s” is no id of this desk. Leave that column out or empty, and tickets are"
            " found by their ticket_number."
        ) % {"id": shown(key)}
    else:
        text = _("There is no such ticket, or it was deleted. Check the id or ticket number.")
    if characters := unseen(key):
        hint = _("It holds characters that one cannot see: %(characters)s.") % {"characters": characters}
        text = f"{text} {hint}"
    return text
