"""Files to attach, and how a client sends them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.support.client import ApiClient
from tickets.models import Ticket


def form(*parts: tuple[str, str | bytes | None, bytes]) -> tuple[bytes, str]:
    """A multipart body and its type. Each part has its field, the name of its file, if it is one, and its content."""
    body = b""
    for field, name, content in parts:
        sent = name.encode() if isinstance(name, str) else name
        disposition = b"" if sent is None else b'; filename="' + sent + b'"'
        body += b"--frontier\r\n" + f'Content-Disposition: form-data; name="{field}"'.encode() + disposition
        body += b"\r\n\r\n" + content + b"\r\n"
    return body + b"--frontier--\r\n", "multipart/form-data; boundary=frontier"


def upload(
    api: ApiClient,
    ticket: Ticket,
    content: bytes,
    name: str | bytes = "x.txt",
    headers: dict[str, str] | None = None,
    **fields: str,
) -> Any:
    more = [(field, None, value.encode()) for field, value in fields.items()]
    body, content_type = form(("file", name, content), *more)
    return api.post(f"/tickets/{ticket.pk}/attachments", body, content_type=content_type, headers=headers)


def picture(kind: str, size: tuple[int, int], **options: Any) -> bytes:
    if kind == "GIF":
        options.pop("exif", None)
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, **options)
    return written.getvalue()
