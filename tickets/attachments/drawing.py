"""The program that draws the preview of one picture: `python -I drawing.py < picture > preview`.

Decoders of pictures are large, and what they read comes from anybody. So they run in a process of their own, which
knows no secrets, has no connection to anything, and no more memory and time than the limits below; one that is killed
costs a preview. It is started by path and imports nothing of the product.

It writes width and height, two bytes each, and a WebP picture without metadata. A picture that it does not draw ends it
with NOT_DRAWN; any other status is a surprise.
"""

from __future__ import annotations

import resource
import struct
import sys
import warnings
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

from PIL import Image, PngImagePlugin
from PIL import WebPImagePlugin as WebPImagePlugin  # not among those that Pillow loads by itself

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 50_000_000  # the photographs of present telephones fit
LONGEST_SIDE = 1_600
MEMORY = 512 << 20  # bytes of addresses; so many pixels take 200 MB
SECONDS = 8  # of the processor
MOST_WRITTEN = 8 << 20  # bytes

SIZE = struct.Struct(">HH")
NOT_DRAWN = 3

ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def limit_resources() -> None:
    """Of this process, for good. A system that does not know a limit goes without it."""
    for name, most in [
        ("RLIMIT_AS", MEMORY),
        ("RLIMIT_CPU", SECONDS),
        ("RLIMIT_FSIZE", MOST_WRITTEN),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", 16),
    ]:
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def preview(source: BinaryIO) -> bytes:
    """What the program writes. Raises whatever Pillow does where it cannot be drawn."""
    with Image.open(source, formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise ValueError("too many pixels")  # before any of them is decoded
        turn = _turn(picture)
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG alone can be decoded smaller than it is
        picture.load()
        # Colours that a table holds cannot be mixed, which making a picture smaller does.
        mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
        small = picture if picture.mode == mode else picture.convert(mode)
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        if turn is not None:
            small = small.transpose(turn)
        small.info.clear()  # where it was taken, by whom and with what
        return _written(small)


def _written(picture: Image.Image) -> bytes:
    written = BytesIO()
    picture.save(written, "WEBP", quality=82, method=3, exif=b"", xmp=b"", icc_profile=b"")
    return SIZE.pack(*picture.size) + written.getvalue()


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """How it has to be turned to stand upright. What cannot be read says nothing."""
    with suppress(Exception):
        return _TURNS.get(picture.getexif().get(ORIENTATION, 1))
    return None


def main() -> int:
    limit_resources()
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # it has a bound of ours
    PngImagePlugin.MAX_TEXT_MEMORY = PngImagePlugin.MAX_TEXT_CHUNK  # what texts in it unpack to, all together
    try:
        drawn = preview(sys.stdin.buffer)
    except Exception:  # noqa: BLE001 - decoders raise whatever they like
        return NOT_DRAWN
    sys.stdout.buffer.write(drawn)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
