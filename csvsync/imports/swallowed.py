"""Rows into which a stray quote has drawn the lines that follow: what they say is damage and no data.

A title may hold lines that look like rows, since people may write anything, and what our own export has written has to
be taken back. So whether a suspicious cell is one is for the stored title of the row's own ticket to tell.
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
    """Rows to be judged later, since the database cannot be asked while it is being sent rows. To be closed."""

    def __init__(self) -> None:
        self.file = temporary.new_file()
        self.close = self.file.close

    def note(self, row: Row) -> None:
        if row.quotes and row.quotes.named:
            self.file.write(json.dumps(_suspect(row, row.quotes)).encode() + b"\n")

    def damaged(self) -> Iterator[list[Suspect]]:
        """Those that have swallowed other lines, some at a time."""
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
    """The lines at which those begin that are damaged. At most two queries."""
    ids = {suspect.id for suspect in suspects if UUID_FORM.fullmatch(suspect.id)}
    numbers = {suspect.number for suspect in suspects if suspect.number}
    found: dict[str, tuple[str, str, str]] = {}
    for wanted in ({"pk__in": ids} if ids else {}, {"ticket_number__in": numbers} if numbers else {}):
        if wanted:
            for pk, number, title in Ticket.objects.live().filter(**wanted).values_list("pk", "ticket_number", "title"):
                found[str(pk)] = found[number] = (str(pk), number, title)
    return {suspect.line for suspect in suspects if _is_damaged(suspect, found.get(suspect.id or suspect.number))}


def _is_damaged(suspect: Suspect, ticket: tuple[str, str, str] | None) -> bool:
    if ticket is None or len(suspect.claims) >= MOST_NAMED:
        return True
    pk, number, title = ticket
    return any(
        key.lower() != pk and key.upper() != number and _in_lines(cell) != _in_lines(title)
        for cell, key in suspect.claims
    )


def _in_lines(text: str) -> str:
    """With one kind of line end: the file may have passed through a system that has its own."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
