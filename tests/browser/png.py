"""Making the browser's PNG files smaller: a palette of 256 colours in place of 16 million, as screens of text need."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
AREAS = 32
SHIFT = 4  # bits in which like colours may differ


def with_palette(png: bytes) -> bytes:
    """The same picture with its most frequent colours; others become the nearest of those. Takes 8-bit RGB(A)."""
    chunks = list(_chunks(png))
    width, height, depth, kind = struct.unpack(">IIBB", chunks[0][1][:10])
    assert (depth, kind in (2, 6)) == (8, True), "not what the browser writes"
    size = {2: 3, 6: 4}[kind]
    raw = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    rows = [_colours(row, size) for row in _unfiltered(raw, width * size, size)]
    counts = Counter(colour for row in rows for colour in row)
    palette = _palette(counts)
    index = {colour: _nearest(colour, palette) for colour in counts}
    data = b"".join(b"\0" + bytes(map(index.__getitem__, row)) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = [(b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(data, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(*chunk) for chunk in body)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _unfiltered(raw: bytes, length: int, size: int) -> Iterator[bytearray]:
    """The rows of a picture as its bytes were before PNG's five filters made them easier to compress."""
    above = bytearray(length)
    for at in range(0, len(raw), length + 1):
        kind, row = raw[at], bytearray(raw[at + 1 : at + 1 + length])
        if kind == 2:
            row = bytearray((a + b) & 255 for a, b in zip(row, above, strict=True))
        elif kind:
            for i in range(length):
                left, corner = (row[i - size], above[i - size]) if i >= size else (0, 0)
                row[i] = (row[i] + _predicted(kind, left, above[i], corner)) & 255
        yield row
        above = row


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def _colours(row: bytearray, size: int) -> list[bytes]:
    return [bytes(row[i : i + 3]) for i in range(0, len(row), size)]


def _palette(counts: Counter[bytes]) -> list[bytes]:
    """The most frequent colours, which are those of whole areas; then one of each group of like ones, so that the
    greys of letters leave room for rare colours."""
    palette = [colour for colour, _count in counts.most_common(AREAS)]
    groups: dict[tuple[int, ...], list[bytes]] = {}
    for colour, _count in counts.most_common()[AREAS:]:
        groups.setdefault(tuple(value >> SHIFT for value in colour), []).append(colour)
    largest = sorted(groups.values(), key=lambda group: -sum(counts[colour] for colour in group))
    return palette + [group[0] for group in largest[: COLOURS - len(palette)]]


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    def distance(at: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, palette[at], strict=True))

    return min(range(len(palette)), key=distance)
