"""A simulation of the external system, which decides about approved tickets."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from hashlib import sha256
from typing import IO

from csvsync.external.ranking import DIGEST_BYTES, Ranking
from csvsync.files.dialect import CsvFile, Row
from csvsync.files.writing import csv_line, in_blocks
from csvsync.imports.swallowed import tell_damaged
from tickets.workflow import Status

# Plain strings, since all of this happens for each row.
PENDING, OPEN, CLOSED = Status.PENDING.value, Status.OPEN.value, Status.CLOSED.value


class Simulation:
    """Spreads the distinct tickets of a file evenly over PENDING, OPEN and CLOSED.

    A ticket is ranked by the SHA-256 of its key, so that the same set of tickets always fares the same, and a ticket
    mostly keeps its place when others come or go. Reads the whole file at once, in bounded memory; raises InvalidCsv.
    Iterate it once for the processed file; `distribution` counts its rows by status, complete at the end.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.csv_file = CsvFile(file)
        self.distribution = dict.fromkeys((PENDING, OPEN, CLOSED), 0)
        ranking = Ranking()
        for row, damaged in self._rows():
            if not damaged and (digest := _digest(row)):
                ranking.add(digest)
        self.first_open, self.first_closed = ranking.thirds()

    def __iter__(self) -> Generator[bytes]:
        return in_blocks(self._lines())

    def _rows(self) -> Iterator[tuple[Row, bool]]:
        return tell_damaged(self.csv_file.rows(whole=True))

    def _lines(self) -> Iterator[bytes]:
        yield csv_line(self.csv_file.header.names).encode()
        for row, damaged in self._rows():
            yield (self._untouched(row) if damaged else csv_line(self._processed(row))).encode()

    def _untouched(self, row: Row) -> str:
        """A row that a stray quote has damaged, so that nobody who reads it next takes it for data.

        Written with other delimiters it could seem to be in order, so there its text is a single cell.
        """
        raw = (row.quotes.raw if row.quotes else "").rstrip("\r\n")
        return f"{raw}\n" if self.csv_file.delimiter == "," else csv_line([raw])

    def _processed(self, row: Row) -> list[str]:
        """The cells with the new status; as they were where the row names no ticket."""
        digest = _digest(row)
        if not digest:
            return row.cells
        status = self._status(digest)
        self.distribution[status] += 1
        cells = list(row.cells)
        cells[row.header.status] = status
        return cells

    def _status(self, digest: bytes) -> str:
        if digest < self.first_open:
            return PENDING
        return OPEN if digest < self.first_closed else CLOSED


def _digest(row: Row) -> bytes | None:
    """The beginning of the digest of the key by which the row is ranked.

    None where the row names no ticket or does not fit the header.
    """
    key = row.fits and (row.id or row.ticket_number)
    return sha256(key.encode()).digest()[:DIGEST_BYTES] if key else None
