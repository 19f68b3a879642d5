"""Sending bytes that somebody has attached, whole or in part, to whoever may have them; nobody is to run any of them.

An answer is made to be saved and not to be shown: whatever its bytes are, the browser takes it for a file of no known
type. Only a preview, which is a picture of our own, is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from config.requests import is_head
from tickets.attachments import storage
from tickets.attachments.errors import RangeNotSatisfiable
from tickets.attachments.kinds import UNKNOWN
from tickets.attachments.models import Attachment, KeptFile
from tickets.attachments.names import disposition

BLOCK = 1 << 16
PREVIEW_TYPE = "image/webp"
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*")
_GUARDED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


def tag_of(attachment: KeptFile) -> str:
    """What `ETag` says: two files with the same tag have the same bytes."""
    return f'"{attachment.sha256}"'


def file_answer(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    """The file as it was sent, or the range of it that the request asks for.

    Raises RangeNotSatisfiable, StorageUnavailable.
    """
    headers = {
        **_GUARDED,
        "Content-Type": UNKNOWN,
        "Content-Disposition": disposition(attachment.file_name),
        "ETag": tag_of(attachment),
        "Accept-Ranges": "bytes",
    }
    # A range is one of GET alone, and of the file that the client has begun with (RFC 9110, 13.1.5 and 14.2).
    wanted = None if is_head(request) else request.headers.get("Range")
    if wanted is None or request.headers.get("If-Range", headers["ETag"]).strip() != headers["ETag"]:
        return _answer(request, headers, attachment, range(attachment.size))
    part = part_of(wanted, attachment.size)
    if part is None:
        return _answer(request, headers, attachment, range(attachment.size))
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{attachment.size}"
    return _answer(request, headers, attachment, part, status=HTTPStatus.PARTIAL_CONTENT)


def preview_answer(attachment: KeptFile) -> HttpResponse:
    """The preview, which is at most some hundred kilobytes. Raises StorageUnavailable."""
    with storage.kept_file(attachment.pk, preview=True) as file:
        content = file.read()
    name = f"{attachment.file_name}.webp"
    headers = {**_GUARDED, "Content-Disposition": disposition(name, inline=True), "ETag": tag_of(attachment)}
    return HttpResponse(content, headers=headers, content_type=PREVIEW_TYPE)


def part_of(header: str, size: int) -> range | None:
    """The bytes that a `Range` asks for; None where it asks for several parts, or says nothing that can be read.

    Such a one is ignored, as everybody may do with any. Raises RangeNotSatisfiable where none of the bytes is there.
    """
    asked = _RANGE.fullmatch(header)
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:  # so many from the end
        part = range(max(size - int(last), 0), size)
    elif last and int(last) < int(first):
        return None
    else:
        part = range(int(first), min(int(last) + 1, size) if last else size)
    if not part:
        raise RangeNotSatisfiable
    return part


def _answer(
    request: HttpRequest,
    headers: dict[str, str],
    attachment: Attachment,
    part: range,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> StreamingHttpResponse:
    blocks = () if is_head(request) else _Blocks(storage.kept_file(attachment.pk), part)
    return StreamingHttpResponse(blocks, status=status, headers={**headers, "Content-Length": str(len(part))})


class _Blocks(Iterator[bytes]):
    """A part of a file in pieces; whoever stops reading closes it. A file that is too short looks broken off."""

    def __init__(self, file: IO[bytes], part: range) -> None:
        self.file, self.left = file, len(part)
        file.seek(part.start)

    def __next__(self) -> bytes:
        block = self.file.read(min(BLOCK, self.left))
        if not block:
            raise StopIteration
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()
