"""The form of a ticket's number, `TKT-2026-000123`: the year of its creation in UTC, and its place among that year's.

Whoever writes a number, reads one or looks for one in a text takes the form from here.
"""

from __future__ import annotations

import re

# A place has zeros in front up to this length, and grows past it without any.
LEAST_DIGITS = 6
# The database keeps places up to 2 147 483 647, so it can keep whatever has as many digits as this, and no more.
MOST_DIGITS = 9
# As part of a pattern; a text of this form may still be the number of no ticket, such as one with too many zeros.
NUMBER = rf"TKT-[0-9]{{4}}-[0-9]{{{LEAST_DIGITS},{MOST_DIGITS}}}"

_NUMBER = re.compile(NUMBER)


def has_form(text: str) -> bool:
    """Whether a text could be the number of a ticket."""
    return bool(_NUMBER.fullmatch(text))


def place(sequence: int) -> str:
    """The last part of a number."""
    return f"{sequence:0{LEAST_DIGITS}d}"


def number(year: int, sequence: int) -> str:
    return f"TKT-{year}-{place(sequence)}"


def sequence_in(text: str, year: int) -> int | None:
    """The sequence of a number of this year, written as `number` does; None where the text is no such number."""
    sequence = int(text.rpartition("-")[2]) if has_form(text) else 0
    return sequence if sequence > 0 and text == number(year, sequence) else None
