"""What is done with each file that comes in before anything is said about it in the database. It may take long."""

from __future__ import annotations

from typing import IO, Any, NamedTuple

from config.folders import Fingerprint, fingerprint
from tickets.attachments import kinds, previews, scanning
from tickets.attachments.names import safe_name
from tickets.uploads import limits


class Received(NamedTuple):
    """The fields of a KeptFile, and the picture that shows what is in it, if there is one."""

    fields: dict[str, Any]
    preview: bytes | None


def measure(file: IO[bytes]) -> Fingerprint:
    """Raises InvalidInput for an empty file, and TooLarge."""
    found = fingerprint(file)
    limits.check_file(found)
    return found


def look_at(file: IO[bytes], found: Fingerprint, name: str) -> Received:
    """Judge a file of the file system by its bytes; it is left at its start.

    Raises MalwareFound, ScannerUnavailable, Busy.
    """
    kind = kinds.kind_of(file.read(kinds.HEAD))
    scanning.scan(file)
    preview = previews.draw_preview(file) if kind in kinds.PICTURES else None
    fields = {
        "file_name": safe_name(name),
        "content_type": kind,
        "size": found.size,
        "sha256": found.sha256,
        "preview_width": preview.width if preview else None,
        "preview_height": preview.height if preview else None,
    }
    return Received(fields, preview.content if preview else None)
