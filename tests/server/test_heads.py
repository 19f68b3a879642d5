"""No head of a request takes the loop long, which has all connections of its process to look after."""

from __future__ import annotations

import time

import pytest
from waitress.adjustments import Adjustments

from config.server.limits import Limits
from config.server.protocol import Refusal
from config.server.request import Request

pytestmark = pytest.mark.no_database

LENGTH = 30_000
FIRST = b"GET / HTTP/1.1\r\n"
# Each with why it is refused, if it is.
HEADS: dict[str, tuple[bytes, Refusal | None]] = {
    "an address of letters": (b"GET a://" + b"b" * LENGTH + b" FOO\r\n", Refusal.MALFORMED),
    "an address of digits": (b"GET a://" + b"1" * LENGTH + b" FOO\r\n", Refusal.MALFORMED),
    "an address of digits that is none": (b"GET a://" + b"1" * LENGTH + b"\r\n", None),
    "many beginnings of addresses": (b"GET " + b"a://" * (LENGTH // 4) + b" FOO\r\n", Refusal.MALFORMED),
    "a long method": (b"A" * LENGTH + b"\r\n", Refusal.MALFORMED),
    "blanks in front of a value": (FIRST + b"A:" + b" " * LENGTH + b"x\r\n", None),
    "blanks in front of a NUL": (FIRST + b"A:" + b" " * LENGTH + b"\0\r\n", Refusal.MALFORMED),
    "kinds of blanks": (FIRST + b"A:" + b" \t" * (LENGTH // 2) + b"x\r\n", None),
    "blanks in a value": (FIRST + b"A: x" + b" " * LENGTH + b"x\0\r\n", Refusal.MALFORMED),
    "blanks behind a value": (FIRST + b"A: x" + b" " * LENGTH + b"\r\n", None),
    "nothing but blanks": (FIRST + b"A:" + b" " * LENGTH + b"\r\n", None),
    "single blanks": (FIRST + b"A: " + b"x " * (LENGTH // 2) + b"\0\r\n", Refusal.MALFORMED),
    "folded lines": (FIRST + b"A: x" + b"\r\n " * (LENGTH // 3) + b"x\r\n", Refusal.HEADERS_TOO_LARGE),
    "the same header": (FIRST + b"A:x\r\n" * (LENGTH // 5), Refusal.HEADERS_TOO_LARGE),
    "as many headers as there may be": (FIRST + b"A:%s\r\n" % (b"x" * 100) * 200, None),
    "one more": (FIRST + b"A:x\r\n" * 201, Refusal.HEADERS_TOO_LARGE),
    "no colon": (FIRST + b"A" * LENGTH + b"\r\n", Refusal.MALFORMED),
}


def read(head: bytes) -> Request:
    request = Request(Adjustments(max_request_header_size=Limits().header_bytes))
    request.received(head + b"\r\n")
    return request


@pytest.mark.parametrize(("head", "refusal"), HEADS.values(), ids=HEADS)
def test_no_head_takes_long(head: bytes, refusal: Refusal | None) -> None:
    began = time.thread_time()
    request = read(head)
    assert time.thread_time() - began < 0.25
    assert request.completed
    assert request.refusal is refusal


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"A: x", "x"),
        (b"A:x", "x"),
        (b"A:  x  y ", "x  y"),
        (b"A:\tx\ty\t", "x\ty"),
        (b"A:   ", ""),
        (b"A:  :x: ", ":x:"),
        (b"A:  x\r\n  y", "x  y"),
        (b"A:  x\r\nA: y", "x, y"),
    ],
)
def test_blanks_around_a_value_are_none_of_it(line: bytes, value: str) -> None:
    request = read(FIRST + line + b"\r\nB: b\r\n")
    assert request.refusal is None
    assert request.headers == {"A": value, "B": "b"}


@pytest.mark.parametrize("line", [b"A : x  y", b"A  y", b" A:  x", b"A:  x\rB: y", b"A:  x\nB: y", b":  x"])
def test_what_is_no_header_stays_none(line: bytes) -> None:
    assert read(FIRST + line + b"\r\n").refusal is Refusal.MALFORMED
