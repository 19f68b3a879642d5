"""Previews of attached pictures. They are drawn by a process of its own; see drawing.py for why, and for its limits."""

from __future__ import annotations

import logging
import subprocess  # nosec B404 # for our own command only
import sys
import threading
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from config.errors import Busy
from tickets.attachments import drawing

log = logging.getLogger(__name__)

PROGRAM = Path(drawing.__file__)
# Of the clock, with all that else is going on; the processor's time has a limit of its own.
SECONDS = 30.0
# Drawn at once in each of the server's processes, and for how long others wait for their turn.
_PLACES = threading.BoundedSemaphore(2)
PATIENCE_SECONDS = 20.0


class Preview(NamedTuple):
    content: bytes  # a WebP picture
    width: int
    height: int


def draw_preview(file: IO[bytes]) -> Preview | None:
    """The preview of a picture, which is a file of the file system; it is left at its start.

    None where it cannot be drawn: it is broken, or larger than the limits allow. Raises Busy.
    """
    if not _PLACES.acquire(timeout=PATIENCE_SECONDS):
        raise Busy
    try:
        file.seek(0)
        with TemporaryFile() as written:
            if not _draw(file, written):
                return None
            written.seek(0)
            return parse(written.read(drawing.SIZE.size + drawing.MOST_WRITTEN))
    finally:
        _PLACES.release()
        file.seek(0)


def _draw(file: IO[bytes], written: IO[bytes]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603 # our own command
            [sys.executable, "-I", PROGRAM],
            stdin=file,
            stdout=written,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},  # secrets stay here
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("A preview was not drawn: %s", error)
        return False
    if done.returncode not in (0, drawing.NOT_DRAWN):
        log.warning("A preview was not drawn: the process ended with %d.", done.returncode)
    return done.returncode == 0


def parse(written: bytes) -> Preview | None:
    """What drawing.py writes. None where there is no picture in it."""
    head, content = written[: drawing.SIZE.size], written[drawing.SIZE.size :]
    if not content:
        return None
    width, height = drawing.SIZE.unpack(head)
    return Preview(content, width, height)
