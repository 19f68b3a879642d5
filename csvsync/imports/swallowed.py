"""Rows that have swallowed other lines, because a quote was opened in them and never closed where it should be.

To a CSV reader such a row is in order: everything up to the next quote is one cell, line breaks and all, and the cells
behind it are those of a later line. Its ticket would get the status of another one. What gives it away is a line inside
of a cell that begins with the key of another ticket and a delimiter (files/records.py notes those). But a title may
hold such lines too, since people write anything into titles, and what our own export has written must be taken back.
So neither refusing all such rows nor letting them be would do. The database knows: a cell that is exactly the stored
title of the row's own ticket is a title, every other one is damage.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import batched
from typing import NamedTuple

from config.ids import UUID_FORM
from csvsync.files import temporary
from csvsync.files.dialect import Row
from csvsync.files.records import MOST_NAMED, Quotes
from tickets.models import Ticket
from tickets.texts.characters import unix_lines

ROWS_AT_ONCE = 500
CHARACTERS_AT_ONCE = 1_000_000  # of cells that are held back while their batch fills


class Suspect(NamedTuple):
    """A row with a key at the beginning of a line within a cell: `claims` are such cells, each with the key.

    `id` and `number` are the row's own, the number empty where the id alone decides.
    """

    line: int
    last_line: int
    id: str
    number: str
    claims: list[tuple[str, str]]


class Suspects:
    """Suspicious rows, put aside in a temporary file until all rows are read. To be closed.

    They cannot be looked up as they come: on PostgreSQL the connection is busy with the COPY that the rows are sent by.
    In memory they could be as large as the file.
    """

    def __init__(self) -> None:
        self.file = temporary.new_file()
        self.close = self.file.close

    def note(self, row: Row) -> None:
        if row.quotes and row.quotes.named:
            self.file.write(json.dumps(_suspect(row, row.quotes)).encode() + b"\n")

    def damaged(self) -> Iterator[list[Suspect]]:
        """Rows that have swallowed other lines, some at a time."""
        self.file.seek(0)
        for lines in batched(self.file, ROWS_AT_ONCE):
            suspects = [Suspect(*json.loads(line)) for line in lines]
            if found := _damaged(suspects):
                yield [suspect for suspect in suspects if suspect.line in found]


def tell_damaged(rows: Iterable[Row]) -> Iterator[tuple[Row, bool]]:
    """Each row, and whether its quotes have damaged it."""
    for batch in _batches(rows):
        suspects = [_suspect(row, row.quotes) for row in batch if row.quotes and row.quotes.named and row.fits]
        found = _damaged(suspects)
        for row in batch:
            yield row, row.line in found or bool(row.quotes and row.quotes.behind)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.quotes.raw) if row.quotes else 0
        if len(batch) == ROWS_AT_ONCE or size > CHARACTERS_AT_ONCE:
            yield batch
            batch, size = [], 0
    yield batch


def _suspect(row: Row, quotes: Quotes) -> Suspect:
    own = row.id
    claims = [(row.cells[column] if column < len(row.cells) else "", key) for column, key in quotes.named]
    return Suspect(row.line, quotes.last, own, "" if own else row.ticket_number, claims)


def _damaged(suspects: list[Suspect]) -> set[int]:
    """The lines at which the damaged ones begin. At most two queries, however many they are."""
    ids = {suspect.id for suspect in suspects if UUID_FORM.fullmatch(suspect.id)}
    numbers = {suspect.number for suspect in suspects if suspect.number}
    found: dict[str, tuple[str, str, str]] = {}
    for wanted in ({"pk__in": ids} if ids else {}, {"ticket_number__in": numbers} if numbers else {}):
        if wanted:
            for pk, number, title in Ticket.objects.live().filter(**wanted).values_list("pk", "ticket_number", "title"):
                found[str(pk)] = found[number] = (str(pk), number, title)
    return {suspect.line for suspect in suspects if _is_damaged(suspect, found.get(suspect.id or suspect.number))}


def _is_damaged(suspect: Suspect, ticket: tuple[str, str, str] | None) -> bool:
    if ticket is None or len(suspect.claims) >= MOST_NAMED:  # the reader stops counting there; no title has so many
        return True
    pk, number, title = ticket
    return any(
        key.lower() != pk and key.upper() != number and _in_lines(cell) != _in_lines(title)
        for cell, key in suspect.claims
    )


def _in_lines(text: str) -> str:
    """The text with one kind of line end: the file may have passed through a system that has its own."""
    return unix_lines(text).strip()
