"""A simulation of the external system, which decides about approved tickets.

It ranks the tickets of a file and tells in which third each stands, for files of any size in bounded memory. The plain
way would be one sorted list, which for a million tickets takes hundreds of megabytes in each worker that is asked. So
this is an external merge sort: digests are gathered in memory, and each time IN_MEMORY of them are there, they are
written to a temporary file as one sorted run. At the end the runs are merged, which needs only a block of each at a
time, and of the merged file just two digests are read: those at which the second and the last third begin.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator
from hashlib import sha256
from typing import IO

from csvsync.files import temporary
from csvsync.files.dialect import CsvFile, Row
from csvsync.files.writing import csv_line, in_blocks
from csvsync.imports.swallowed import tell_damaged
from tickets.workflow import Status

# Plain strings, since all of this happens for each row.
PENDING, OPEN, CLOSED = Status.PENDING.value, Status.OPEN.value, Status.CLOSED.value

# The first half of a SHA-256. It is enough to tell any two keys apart, and since bytes are compared from the left, the
# order is that of the whole digests, which the contract demands.
DIGEST_BYTES = 16
IN_MEMORY = 50_000
DIGESTS_AT_ONCE = 2_000


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


class Ranking:
    """Distinct digests of DIGEST_BYTES each, sorted in memory while they are few, on the disk when they are many.

    A digest that is added twice counts once. The set in memory sees to that within a run; the same digest may stand in
    several runs, and the merge, where equal ones follow each other, leaves the later ones out.
    """

    def __init__(self) -> None:
        self.digests: set[bytes] = set()
        self.sorted_runs: list[tuple[int, int]] = []  # where each begins and ends in the file, in bytes
        self.file: IO[bytes] | None = None

    def add(self, digest: bytes) -> None:
        self.digests.add(digest)
        if len(self.digests) >= IN_MEMORY:
            self._move_to_disk()

    def thirds(self) -> tuple[bytes, bytes]:
        """The first digest of the second and of the last third; of n there are n // 3 in each of the first two.

        To be called once, when all are there.
        """
        if not self.file:
            ranked = sorted(self.digests)
            third = len(ranked) // 3
            return (ranked[third], ranked[2 * third]) if ranked else (b"", b"")
        self._move_to_disk()
        with self.file, temporary.new_file() as merged:
            count, last = 0, b""
            for digest in heapq.merge(*(self._read(self.file, *run) for run in self.sorted_runs)):
                if digest != last:
                    merged.write(digest)
                    count, last = count + 1, digest
            third = count // 3
            return _digest_at(merged, third), _digest_at(merged, 2 * third)

    def _move_to_disk(self) -> None:
        self.file = self.file or temporary.new_file()
        begin = self.file.seek(0, 2)
        self.file.write(b"".join(sorted(self.digests)))
        self.sorted_runs.append((begin, self.file.tell()))
        self.digests = set()

    @staticmethod
    def _read(file: IO[bytes], position: int, end: int) -> Iterator[bytes]:
        while position < end:
            file.seek(position)
            block = file.read(min(DIGESTS_AT_ONCE * DIGEST_BYTES, end - position))
            position += len(block)
            for at in range(0, len(block), DIGEST_BYTES):
                yield block[at : at + DIGEST_BYTES]


def _digest_at(file: IO[bytes], index: int) -> bytes:
    file.seek(index * DIGEST_BYTES)
    return file.read(DIGEST_BYTES)
