"""Cursors: how a reader says up to where it has read. Clients take them for opaque strings."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from dataclasses import dataclass

POSITION_BYTES = 8
FINGERPRINT_BYTES = 8
FORM = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position, with a fingerprint of the event that has it.

    A position alone means another event in another database, or after a backup was restored that lacks the last ones;
    whoever went on there would miss something without ever hearing of it. The fingerprint tells such a cursor.
    """

    position: int
    fingerprint: bytes

    @classmethod
    def of(cls, position: int, entry_id: uuid.UUID) -> Cursor:
        return cls(position, hashlib.blake2b(entry_id.bytes, digest_size=FINGERPRINT_BYTES).digest())

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises ValueError for what no cursor looks like."""
        if not FORM.fullmatch(text):
            raise ValueError(text)
        read = base64.urlsafe_b64decode(f"{text}==")
        found = cls(int.from_bytes(read[:POSITION_BYTES], signed=True), read[POSITION_BYTES:])
        if str(found) != text or found.position < 0:
            raise ValueError(text)
        return found

    def __str__(self) -> str:
        read = self.position.to_bytes(POSITION_BYTES, signed=True) + self.fingerprint
        return base64.urlsafe_b64encode(read).decode().rstrip("=")


BEGINNING = Cursor(0, bytes(FINGERPRINT_BYTES))
"""Before the first event, and so the same everywhere."""
