"""Reading a request. waitress does it; here is what it leaves without a bound or lets pass."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.receiver import ChunkedReceiver
from waitress.utilities import (
    BadRequest,
    Error,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    ServerNotImplemented,
)

from config.server.protocol import BodyRule, Refusal

# A chunk's size with its extensions, and the headers behind the last chunk, neither of which anybody reads.
MOST_CONTROL_LINE = 256
MOST_TRAILER = 8_192
# What a body takes besides its content, which is a few bytes a chunk: so much, and a part of its content. Chunks of
# single bytes are work without end.
MOST_FRAMING = 16_384
FRAMING_PART = 64
CHUNKS_AT_ONCE = 8_192
# Lines of a head. Each costs the loop some microseconds, so thousands of them in every request are a way to occupy it.
MOST_FIELDS = 200
# Method, address and version, in time that grows with the line; what waitress reads it by comes to the same.
FIRST_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++ [^ ]++(?: HTTP/[0-9]\.[0-9])?")


class Chunks(ChunkedReceiver):
    """A chunked body. Takes in small pieces, since waitress copies what is left of one for every chunk in it."""

    error: Error | None = None
    taken = 0  # bytes in all

    def received(self, s: bytes) -> int:
        taken = 0
        while taken < len(s) and not self.completed and self.error is None:
            taken += super().received(s[taken : taken + CHUNKS_AT_ONCE])
            if len(self.control_line) > MOST_CONTROL_LINE or len(self.trailer) > MOST_TRAILER:
                self.error = BadRequest("A chunk has no end.")
        self.taken += taken
        content = len(self.buf)
        if self.taken - content > MOST_FRAMING + content // FRAMING_PART:
            self.error = BadRequest("The chunks are too small.")
        return taken


class Nowhere:
    """The buffer of a body that nobody reads: counts, and keeps nothing."""

    def __init__(self) -> None:
        self.size = 0

    def __len__(self) -> int:
        return self.size

    def append(self, data: bytes) -> None:
        self.size += len(data)

    def getfile(self) -> BytesIO:
        return BytesIO()

    def close(self) -> None:
        pass


class Request(HTTPRequestParser):
    """One request as it comes in."""

    body_rcv: Any = None
    rule: BodyRule | None = None  # there once the head is
    admitted = False  # may send more than a small body
    has_too_many_fields = False
    holds_upload_place = False

    def parse_header(self, header_plus: bytes) -> None:
        """Raises ParsingError and TransferEncodingNotImplemented."""
        if header_plus.count(b"\r\n") > MOST_FIELDS + 2:  # beside the first line and the empty one at its end
            self.has_too_many_fields = True
            raise ParsingError("Too many header fields")
        try:
            super().parse_header(quick_to_read(header_plus))
        except ValueError as error:  # an address such as http://[
            raise ParsingError("Bad URI") from error
        if self.version != "1.1" and "TRANSFER_ENCODING" in self.headers:
            # Whoever takes its body for chunks and whoever does not would see different requests behind it.
            raise ParsingError("Transfer-Encoding needs HTTP/1.1")
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            # RFC 9112, 6.1: the same, where one of the two goes by the length.
            raise ParsingError("Transfer-Encoding and Content-Length")
        if self.chunked:
            self.body_rcv = Chunks(self.body_rcv.buf)

    def ignore_body(self) -> None:
        if self.body_rcv is not None:
            self.body_rcv.buf = Nowhere()

    @property
    def body_size(self) -> int:
        """What is known of it by now: announced, or come in."""
        return int(self.content_length) or (self.body_bytes_received if self.chunked else 0)

    @property
    def refusal(self) -> Refusal | None:
        """Why the parser could not read it."""
        match self.error:
            case None:
                return Refusal.MALFORMED if self.empty else None
            case _ if self.has_too_many_fields:
                return Refusal.HEADERS_TOO_LARGE
            case RequestEntityTooLarge():
                return Refusal.TOO_LARGE
            case RequestHeaderFieldsTooLarge():
                return Refusal.HEADERS_TOO_LARGE
            case ServerNotImplemented():
                return Refusal.NOT_IMPLEMENTED
        return Refusal.MALFORMED


def quick_to_read(head: bytes) -> bytes:
    """The same head, as waitress reads it in no time. Raises ParsingError.

    Its patterns try every way to divide a line where it is no good, and where many blanks stand in front of a value: a
    head of 30 kB would occupy the loop, and with it all connections, for a quarter of a minute, and one that has an
    address of digits for minutes.
    """
    first, line_end, rest = head.partition(b"\r\n")
    if not FIRST_LINE.fullmatch(first.rstrip()):
        raise ParsingError("Start line is invalid")
    if b"  " not in rest and b"\t" not in rest:
        return head
    lines = [line.partition(b":") for line in get_header_lines(rest)]
    fields = [name + colon + value.strip(b" \t") for name, colon, value in lines]
    return b"\r\n".join([first, *fields, line_end])
