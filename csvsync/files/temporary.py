"""The files that pass from one step of the exchange to the next: in memory while they are small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

IN_MEMORY = 4_000_000  # bytes, before a file moves to the disk


def new_file() -> IO[bytes]:
    """An empty one, to be closed by the caller."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)


@contextmanager
def handed_on(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Closes the file if the block raises anything. If not, whoever the file is handed on to has to close it."""
    try:
        yield file
    except BaseException:
        file.close()
        raise
