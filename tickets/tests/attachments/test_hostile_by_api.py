"""Hostile comments, names and files sent one by one over REST: what is kept of them, and what comes back."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
import zlib
from typing import Any
from urllib.parse import quote

import pytest

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.hostile.comments import HOSTILE_COMMENTS
from tests.support.hostile.judge import problems
from tests.support.hostile.names import HOSTILE_NAMES
from tickets.models import Attachment, Comment, Ticket
from tickets.tests.attachments.files import upload

pytestmark = pytest.mark.django_db

# The head of a part of a multipart body has at most this much room.
MOST_SENT = 800
SANDBOXED = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


@pytest.fixture
def ana() -> User:
    return factories.associate()


@pytest.fixture
def ticket(ana: User) -> Ticket:
    return factories.ticket(author=ana)


def test_there_are_two_hundred_of_them() -> None:
    assert len({*HOSTILE_COMMENTS, *dict(HOSTILE_NAMES)}) > 200


def test_a_comment_says_what_was_sent_and_does_nothing(ana: User, ticket: Ticket) -> None:
    api, wrong = ApiClient(ana), []
    for text in HOSTILE_COMMENTS:
        answer = api.post(f"/tickets/{ticket.pk}/comments", {"text": text})
        if "\0" in text:
            assert_error(answer, 400, "invalid_input")
            continue
        assert answer.status_code == 201, text
        said = answer.json()
        if said["text"] != text or problems(said["html"]) or not said["html"].strip():
            wrong.append((text, said["html"]))
    assert wrong == []
    assert Comment.objects.count() == sum("\0" not in text for text in HOSTILE_COMMENTS) > 150


def named(name: str) -> tuple[bytes, str]:
    """A multipart body with a file of this name, whatever is in it."""
    head = f"Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''{quote(name, safe='')}"
    return f"--frontier\r\n{head}\r\n\r\nsome bytes\r\n--frontier--\r\n".encode(), (
        "multipart/form-data; boundary=frontier"
    )


def test_a_file_is_kept_under_a_name_that_leads_nowhere(ana: User, ticket: Ticket) -> None:
    api, wrong, count = ApiClient(ana), [], 0
    for sent, kept in HOSTILE_NAMES:
        if not sent or "\ud800" in sent or len(quote(sent, safe="")) > MOST_SENT:
            continue  # which no multipart body can say
        body, content_type = named(sent)
        answer = api.post(f"/tickets/{ticket.pk}/attachments", body, content_type=content_type)
        assert answer.status_code == 201, sent
        count += 1
        told, file = answer.json(), api.get(f"/attachments/{answer.json()['id']}")
        headers = {name: file.headers[name] for name in SANDBOXED}
        disposition = file.headers["Content-Disposition"]
        is_plain = disposition.startswith("attachment; ") and disposition.isascii() and disposition.isprintable()
        if (told["fileName"], headers, is_plain, file.getvalue()) != (kept, SANDBOXED, True, b"some bytes"):
            wrong.append((sent, told["fileName"], disposition))
    assert wrong == []
    assert Attachment.objects.count() == count > 70


def png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(5_000_000), 9))
    return b"\x89PNG\r\n\x1a\n" + size + rows + chunk(b"IEND", b"")


def zipped(*files: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return written.getvalue()


def test_a_bomb_and_a_script_are_bytes_to_be_saved(ana: User, ticket: Ticket) -> None:
    """Nothing of them is unpacked, drawn or shown, and they cost no more than their own size."""
    bomb = zipped(*[(f"{n}.txt", bytes(2_000_000)) for n in range(5)])
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
    files = [
        ("40 000.png", png_of(40_000, 40_000), "image/png"),
        ("bomb.zip", zipped(("bomb.zip", bomb), ("../../etc/passwd", b"x")), "application/zip"),
        ("picture.png", svg, "image/svg+xml"),
        ("page.png", b"<html><script>alert(1)</script>", "text/html"),
        ("both.gif", b"GIF89a/*<svg onload=alert(1)>*/=1;alert(1)", "image/gif"),
        ("paper.pdf", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>", "application/pdf"),
    ]
    api, before = ApiClient(ana), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    for name, content, kind in files:
        sent: Any = upload(api, ticket, content, name).json()
        assert (sent["fileName"], sent["contentType"], sent["size"]) == (name, kind, len(content))
        assert_error(api.get(f"/attachments/{sent['id']}/preview"), 404, "no_preview")
        file = api.get(f"/attachments/{sent['id']}")
        assert {header: file.headers[header] for header in SANDBOXED} == SANDBOXED
        assert file.headers["Content-Type"] == "application/octet-stream"
        assert file.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert file.getvalue() == content
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 20
    for comment in ("![x](attachment:{})", "[x](/attachments/{})", "<img src=/attachments/{}>"):
        text = comment.format(Attachment.objects.get(file_name="picture.png").pk)
        html = api.post(f"/tickets/{ticket.pk}/comments", {"text": text}).json()["html"]
        assert problems(html) == []
