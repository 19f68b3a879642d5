"""Names and bytes made to run something, to lead elsewhere or to use up time and memory: nothing comes of them.

Expected names and types are written by hand.
"""

from __future__ import annotations

import io
import re
import resource
import struct
import tempfile
import zlib
from collections.abc import Iterator
from email.message import Message
from urllib.parse import unquote

import pytest
from PIL import Image

from tests.support.hostile.names import HOSTILE_NAMES
from tests.support.patience import own_seconds
from tickets.attachments import drawing
from tickets.attachments.kinds import kind_of
from tickets.attachments.names import disposition, safe_name
from tickets.attachments.previews import Preview, draw_preview
from tickets.tests.attachments.files import picture

pytestmark = pytest.mark.no_database

PNG, GIF = picture("PNG", (3, 2)), picture("GIF", (3, 2))
JPEG, WEBP = picture("JPEG", (3, 2)), picture("WEBP", (3, 2))
# How a file begins, and what it is taken for.
BYTES = [
    (PNG, "image/png"),
    (GIF, "image/gif"),
    (JPEG, "image/jpeg"),
    (WEBP, "image/webp"),
    (PNG + b"<script>alert(1)</script>", "image/png"),
    (b"GIF89a/*<svg onload=alert(1)>*/=1;alert(1)", "image/gif"),  # which is a script as well
    (JPEG + b"<?php system($_GET[0]) ?>", "image/jpeg"),
    (b"%PDF-1.7\n<script>", "application/pdf"),
    (b"PK\x03\x04" + PNG, "application/zip"),
    (b"MZ" + PNG, "application/octet-stream"),
    (b" " + PNG, "application/octet-stream"),
    (PNG[1:], "application/octet-stream"),
    (b"RIFF\0\0\0\0WEBX", "application/octet-stream"),
    (b"<html><body>", "text/html"),
    (b"<!DOCTYPE html>\n<p>x", "text/html"),
    (b"\xef\xbb\xbf \r\n\t<ScRiPt>alert(1)</script>", "text/html"),
    (b"<!-- x --><b>", "text/html"),
    (b"<!-- x --><svg onload=alert(1)>", "image/svg+xml"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
    (b"<?xml version='1.0'?>\n<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>", "image/svg+xml"),
    (b"<?xml version='1.0'?><x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    (b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a '&b;&b;'>]><l/>", "application/xml"),
    ("<html>".encode("utf-16"), "text/html"),
    (b"#!/bin/sh\nrm -rf /\n", "text/plain"),
    (b"id,status\nx,OPEN\n", "text/plain"),
    ("Grüße".encode(), "text/plain"),
    ("Grüße".encode("latin-1"), "application/octet-stream"),
    (b"x\0y", "application/octet-stream"),
    (b"x" * 4_095 + "ü".encode(), "text/plain"),
    (b"\xff" * 4_096, "application/octet-stream"),
    (b"<" * 4_096, "text/plain"),
    (b"<a:" * 2_000, "text/plain"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x7fELF\x02\x01\x01\0", "application/octet-stream"),
]


def test_there_are_many_of_them() -> None:
    assert len(HOSTILE_NAMES) + len(BYTES) >= 100


@pytest.mark.parametrize(("sent", "name"), HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_name_hides_nothing_and_leads_nowhere(sent: str, name: str) -> None:
    assert safe_name(sent) == name
    assert safe_name(name) == name
    header = disposition(name)
    assert re.fullmatch(r"[ -~]+", header)
    # As a client reads it: the better of the two names, and no parameter but those.
    message = Message()
    message["Content-Disposition"] = header
    parameters = dict(message.get_params(header="Content-Disposition", unquote=False) or [])
    assert set(parameters) <= {"attachment", "filename", "filename*"}
    star = re.search(r"filename\*=UTF-8''(\S+)$", header)
    plain = re.match(r'attachment; filename="([^"\\%;]+)"(?:;|$)', header.replace("; filename*", ";"))
    assert plain
    assert (unquote(star[1]) if star else plain[1]) == name


@pytest.mark.parametrize(("head", "kind"), BYTES, ids=range(len(BYTES)))
def test_a_type_is_that_of_the_bytes(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


def test_names_and_bytes_take_little_time() -> None:
    with own_seconds() as spent:
        for sent in ("\u0301" * 1_000_000, "/" * 1_000_000, "\u200b" * 1_000_000, " ." * 500_000, "🦔" * 500_000):
            safe_name(sent)
        for head in (b"<" * 1_000_000, b"\n" * 1_000_000, b"<a:svg" * 100_000, b"<?xml " * 100_000):
            kind_of(head)
    assert spent() < 1


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *more: bytes, rows: bytes = b"") -> bytes:
    size = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bombs() -> Iterator[tuple[str, bytes]]:
    """Pictures that are much more than they look like, and such as no decoder should trust."""
    yield "40 000 × 40 000", png(40_000, 40_000, rows=zlib.compress(bytes(1_000_000)))
    yield "2³¹ wide", png((1 << 31) - 1, 1)
    yield "no pixels", png(3, 3)
    yield "too few pixels", png(3_000, 3_000, rows=zlib.compress(bytes(10)))
    yield "texts of a gigabyte", png(9, 9, *[chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(1_000_000)))] * 1_000)
    yield "a profile of 100 MB", png(9, 9, chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(100_000_000), 9)))
    yield "a screen of 65535 × 65535", GIF[:6] + struct.pack("<HH", 65_535, 65_535) + GIF[10:]
    yield "a JPEG of 65535 × 65535", JPEG.replace(struct.pack(">HH", 2, 3), struct.pack(">HH", 65_535, 65_535), 1)
    yield "cut off", picture("JPEG", (300, 300))[:400]
    yield "only its beginning", b"\x89PNG\r\n\x1a\n"
    yield "a BMP in disguise", picture("BMP", (3, 3))
    yield "PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"


def drawn(content: bytes) -> Preview | None:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return draw_preview(file)


def test_a_bomb_costs_a_preview_and_nothing_else() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    for what, content in bombs():
        assert drawn(content) is None, what
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 2 * drawing.SECONDS


def test_a_picture_that_is_more_than_it_should_be_is_still_one() -> None:
    for content in (PNG + b"<script>" * 1_000, GIF + b"x" * 1_000_000, JPEG + PNG):
        found = drawn(content)
        assert found
        assert (found.width, found.height) == (3, 2)
        assert b"script" not in found.content


def test_a_photograph_has_a_preview() -> None:
    found = drawn(picture("JPEG", (4_000, 3_000)))
    assert found
    assert (found.width, found.height) == (1_600, 1_200)
    assert Image.open(io.BytesIO(found.content)).size == (1_600, 1_200)


def test_the_program_has_bounds_that_it_cannot_lift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a decoder is made to do, it ends, and costs a preview."""
    for misdeed in (
        "x = bytearray(1 << 30)",  # memory
        "while True: pass",  # the processor
        "sys.stdout.buffer.write(bytes(1 << 24))",  # the disk
        "import os; os.kill(os.getpid(), 11)",
    ):
        with tempfile.NamedTemporaryFile("w", suffix=".py") as program:
            source = drawing.__file__
            program.write(f"import sys, runpy\nsys.argv = ['x']\nmodule = runpy.run_path({source!r}, run_name='x')\n")
            program.write("module['limit_resources']()\n")
            if "while" in misdeed:
                program.write("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n")
            program.write(misdeed + "\n")
            program.flush()
            monkeypatch.setattr("tickets.attachments.previews.PROGRAM", program.name)
            assert drawn(PNG) is None, misdeed
