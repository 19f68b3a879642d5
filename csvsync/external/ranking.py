"""In which third of a set something stands, for sets of any size in bounded memory.

The plain way would be one sorted list, which for a million tickets takes hundreds of megabytes in each worker that is
asked. So this is an external merge sort: digests are gathered in memory, and each time IN_MEMORY of them are there,
they are written to a temporary file as one sorted run. At the end the runs are merged, which needs only a block of each
at a time, and of the merged file just two digests are read: those at which the second and the last third begin.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import IO

from csvsync.files import temporary

# The first half of a SHA-256. It is enough to tell any two keys apart, and since bytes are compared from the left, the
# order is that of the whole digests, which the contract demands.
DIGEST_BYTES = 16
IN_MEMORY = 50_000
DIGESTS_AT_ONCE = 2_000


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
