"""Making the browser's PNG files smaller: a palette of 256 colours in place of 16 million, as screens of text need."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

COLOURS = 256


def with_palette(png: bytes) -> bytes:
    """The same picture, each of its colours in place of the nearest one of its palette.

    Median cut, which Pillow does unless told otherwise, leaves the colours of whole areas as they are. Dithering
    would put dots of other colours into them, which neither look right nor compress.
    """
    out = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        smaller = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    smaller.save(out, "PNG", optimize=True)
    return out.getvalue()
