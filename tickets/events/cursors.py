"""Cursors: how a reader says up to where it has read. Clients take them for opaque strings."""

from __future__ import annotations

import base64
import re
import struct
from dataclasses import dataclass

BYTES = struct.Struct(">qq")
FORM = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position, with the mark that was given with it.

    A position alone means another event in another database, or after a backup was restored that lacks the last ones;
    whoever went on there would miss something without ever hearing of it. The mark tells such a cursor, also where the
    same event has come to the same position, but others have come in front of it.
    """

    position: int
    mark: int

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The cursor that a client sends back. Raises ValueError for what no cursor looks like."""
        if not FORM.fullmatch(text):
            raise ValueError(text)
        found = cls(*BYTES.unpack(base64.urlsafe_b64decode(f"{text}==")))
        if str(found) != text or found.position < 0:
            raise ValueError(text)
        return found

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(BYTES.pack(self.position, self.mark)).decode().rstrip("=")


# Before the first event, and so the same in every database.
BEGINNING = Cursor(0, 0)
