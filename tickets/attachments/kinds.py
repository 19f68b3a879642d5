"""What a file is, judged from its first bytes. Neither its name nor what its sender says it is has a say in it.

What it is judged to be decides what is tried with it (`drawing.py` makes previews of pictures) and is told to clients.
It does not decide how the file itself is sent: every one is sent to be saved, not to be shown.
"""

from __future__ import annotations

import re

HEAD = 4_096  # so many bytes are looked at
UNKNOWN = "application/octet-stream"
# Those of which there are previews.
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")

# The first that fits counts, so a file that is two things at once is the one that programs would take it for by its
# beginning.
_BY_BEGINNING = [
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in [
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"RIFF....WEBPVP8", "image/webp"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"....ftyp(?:avif|avis)", "image/avif"),
        (rb"....ftyp(?:heic|heix|mif1|msf1)", "image/heic"),
        (rb"....ftypqt  ", "video/quicktime"),
        (rb"....ftyp", "video/mp4"),
        (rb"II\*\x00|MM\x00\*", "image/tiff"),
        (rb"%PDF-", "application/pdf"),
        (rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", "application/zip"),
        (rb"\x1f\x8b\x08", "application/gzip"),
        (rb"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (rb"Rar!\x1a\x07", "application/vnd.rar"),
        (rb"\xfd7zXZ\x00", "application/x-xz"),
        (rb"\x28\xb5\x2f\xfd", "application/zstd"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),  # Office before 2007, mails of Outlook
        (rb"\{\\rtf", "application/rtf"),
        (rb"\x1a\x45\xdf\xa3", "video/x-matroska"),
        (rb"RIFF....WAVE", "audio/wav"),
        (rb"OggS", "application/ogg"),
        (rb"ID3", "audio/mpeg"),
    ]
]
_TEXT_MARK = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff")
# What makes a browser take a text for a page (mimesniff.spec.whatwg.org), and some more.
_HTML = re.compile(
    rb"<(?:!doctype html|html|head|body|title|meta|script|style|iframe|h1|div|p|br|a|b|font|table|!--)(?:[\s>/-]|$)",
    re.IGNORECASE,
)
_XML = re.compile(rb"<\?xml[\s?]", re.IGNORECASE)
_SVG = re.compile(rb"<(?:[a-z]{1,20}:)?svg[\s>]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def kind_of(head: bytes) -> str:
    """The media type of a file that begins with these bytes, HEAD of them at most."""
    head = head[:HEAD]
    for beginning, kind in _BY_BEGINNING:
        if beginning.match(head):
            return kind
    text = _as_text(head)
    if text is None:
        return UNKNOWN
    start = text.lstrip().encode()
    if start.startswith(b"<") and _SVG.search(start):
        return "image/svg+xml"
    if _XML.match(start):
        return "application/xml"
    return "text/html" if _HTML.match(start) else "text/plain"


def _as_text(head: bytes) -> str | None:
    """The head as a text; None where it is none. A character that is cut off at the end does not count."""
    mark = _TEXT_MARK.match(head)
    if mark and mark[0] != b"\xef\xbb\xbf":
        return head.decode("utf-16", errors="replace")
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < HEAD:
            return None
        text = head[: error.start].decode("utf-8-sig")
    return None if _CONTROL.search(text) else text
