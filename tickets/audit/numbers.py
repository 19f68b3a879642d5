"""Numbers: each year has given all from 1 to its last one, and to one ticket each, deleted ones included."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from config.audit.findings import Finding, Scope

MISSING = "Tickets are never removed: restore what is missing from a backup, and find out who could remove it."
AHEAD = "The next creation of the year would take a number that is there: set last_sequence to the last number."

_YEARS = """
SELECT year, MAX(last_sequence), MAX(tickets), MAX(highest) FROM (
    SELECT year, last_sequence, 0 AS tickets, 0 AS highest FROM tickets_ticketsequence
    UNION ALL SELECT year, 0, COUNT(*), MAX(sequence) FROM tickets_ticket GROUP BY year
) AS both_tables GROUP BY year ORDER BY year
"""
# The gaps of a year, each by the numbers around it.
_GAPS = """
SELECT before, sequence FROM (
    SELECT LAG(sequence, 1, 0) OVER (ORDER BY sequence) AS before, sequence FROM tickets_ticket WHERE year = %s
) AS neighbours WHERE sequence > before + 1 ORDER BY sequence
"""


def check(scope: Scope) -> Iterator[Finding]:
    """The numbers of all years; of a single ticket there is nothing to say."""
    if scope.ticket:
        return
    with connection.cursor() as cursor:
        cursor.execute(_YEARS)
        years = cursor.fetchall()
        scope.looked_at["years"] = len(years)
        for year, last, tickets, highest in years:
            if tickets != highest:
                cursor.execute(_GAPS, [year])
                for before, after in cursor.fetchall():
                    yield Finding(_range(year, before + 1, after - 1), "Given, but there is no such ticket.", MISSING)
            yield from _check_last(year, last, highest)


def _check_last(year: int, last: int, highest: int) -> Iterator[Finding]:
    """Whether the last number that the sequence has given is the highest that a ticket bears."""
    if last > highest:
        yield Finding(_range(year, highest + 1, last), "Given, but there is no such ticket.", MISSING)
    elif last < highest:
        yield Finding(str(year), f"Its last number is {highest}, and its sequence says {last}.", AHEAD)


def _range(year: int, first: int, last: int) -> str:
    numbers = [f"TKT-{year}-{sequence:06d}" for sequence in sorted({first, last})]
    return " to ".join(numbers)
