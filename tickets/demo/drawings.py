"""Pictures for the demo desk, such as people take of their screens: a dialog, a terminal, a table.

They are drawn in the font that Pillow brings along, which has no letters with accents.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

LINE = 26
MARGIN = 24
GREY, DARK, PAPER, INK, RED, BLUE = "#e8eaee", "#1c2128", "#ffffff", "#20262e", "#b42318", "#1f5fbf"


def dialog(title: str, lines: Sequence[str], button: str) -> bytes:
    """A window in front of a grey desktop, with a button to close it."""
    width, height = 640, 150 + LINE * len(lines)
    picture, pen = _begun(width, height, "#9aa5b4")
    pen.rounded_rectangle((MARGIN, MARGIN, width - MARGIN, height - MARGIN), 8, fill=PAPER)
    pen.rounded_rectangle((MARGIN, MARGIN, width - MARGIN, MARGIN + 36), 8, fill=GREY)
    pen.text((MARGIN + 16, MARGIN + 8), title, INK, _font(16))
    pen.ellipse((MARGIN + 18, MARGIN + 56, MARGIN + 46, MARGIN + 84), fill=RED)
    pen.text((MARGIN + 29, MARGIN + 59), "!", PAPER, _font(18))
    for at, line in enumerate(lines):
        pen.text((MARGIN + 64, MARGIN + 56 + LINE * at), line, INK, _font(16))
    right, bottom = width - MARGIN - 16, height - MARGIN - 14
    pen.rounded_rectangle((right - 110, bottom - 30, right, bottom), 5, fill=BLUE)
    pen.text((right - 55, bottom - 15), button, PAPER, _font(15), anchor="mm")
    return _written(picture)


def terminal(lines: Sequence[str]) -> bytes:
    """Light text on a dark ground."""
    picture, pen = _begun(760, 2 * MARGIN + LINE * len(lines), DARK)
    for at, line in enumerate(lines):
        colour = "#ff8f87" if "error" in line.lower() else "#d5dbe3"
        pen.text((MARGIN, MARGIN + LINE * at), line, colour, _font(16))
    return _written(picture)


def table(rows: Sequence[Sequence[str]], *, marked: Sequence[int] = ()) -> bytes:
    """A table whose first row is its head; the `marked` rows, counted from it, are ringed as by hand."""
    column, row = 178, 34
    picture, pen = _begun(column * len(rows[0]) + 2, row * len(rows) + 2, PAPER)
    for down, cells in enumerate(rows):
        for across, cell in enumerate(cells):
            left, top = across * column, down * row
            pen.rectangle((left, top, left + column, top + row), fill=PAPER if down else GREY, outline="#c3c9d2")
            pen.text((left + 10, top + 8), cell, INK, _font(16))
    for down in marked:
        pen.rounded_rectangle((3, down * row + 3, picture.width - 5, (down + 1) * row - 2), 14, outline=RED, width=3)
    return _written(picture)


def _begun(width: int, height: int, ground: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width, height), ground)
    return picture, ImageDraw.Draw(picture)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _written(picture: Image.Image) -> bytes:
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()
