"""The external system that decides about approved tickets: here, its simulation."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from hashlib import sha256
from typing import IO

from csvsync.dialect import CsvFile, Row
from csvsync.exporter import csv_line, in_blocks
from tickets.workflow import Status

# Plain strings, since all of this happens for each row.
PENDING, OPEN, CLOSED = Status.PENDING.value, Status.OPEN.value, Status.CLOSED.value


class Simulation:
    """Spreads the distinct tickets of a file evenly over PENDING, OPEN and CLOSED.

    A ticket is ranked by the SHA-256 of its key, so that the same set of tickets always fares the same, and a ticket
    mostly keeps its place when others come or go. Reads the whole file at once, keeping no more than the keys' digests;
    raises InvalidCsv. Iterate it once for the processed file; `distribution` counts its rows by status, complete at
    the end.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.csv_file = CsvFile(file)
        self.distribution = dict.fromkeys((PENDING, OPEN, CLOSED), 0)
        digests = sorted({digest for row in self.csv_file.rows() if (digest := _digest(row))})
        third = len(digests) // 3
        self.first_open, self.first_closed = (digests[third], digests[2 * third]) if digests else (b"", b"")

    def __iter__(self) -> Generator[bytes]:
        return in_blocks(self._lines())

    def _lines(self) -> Iterator[bytes]:
        yield csv_line(self.csv_file.header.names).encode()
        for row in self.csv_file.rows():
            yield csv_line(self._processed(row)).encode()

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
    """Of the key; None where the row names no ticket or does not fit the header."""
    key = row.fits and (row.id or row.ticket_number)
    return sha256(key.encode()).digest() if key else None
