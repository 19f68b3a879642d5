"""Bytes that are no good request, said to the product's own server: what no client library can be made to send.

Each is refused in the shape of every error, nothing that is hidden behind it is taken for a second request, and
whoever asks next is answered.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from tests.support.server import running_server, server_environment
from tests.support.sockets import connect, rest_of, status

pytestmark = pytest.mark.no_database

HOST = b"Host: localhost\r\n"
GET = b"GET /tickets HTTP/1.1\r\n" + HOST
POST = b"POST /auth/login HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
HIDDEN = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\nid,status\r\n'
MULTIPART = b"POST /csv/import HTTP/1.1\r\n%sContent-Type: multipart/form-data; boundary=b\r\n" % HOST

# What is said, and the status and code of the one answer.
REQUESTS: dict[str, tuple[bytes, int, str]] = {
    "a method alone": (b"GET\r\n\r\n", 400, "bad_request"),
    "HTTP/0.9": (b"GET /tickets\r\n\r\n", 401, "unauthorized"),
    "two spaces": (b"GET  /tickets HTTP/1.1\r\n%s\r\n" % HOST, 400, "bad_request"),
    "tabs": (b"GET\t/tickets\tHTTP/1.1\r\n%s\r\n" % HOST, 400, "bad_request"),
    "another protocol": (b"GET /tickets FTP/1.1\r\n%s\r\n" % HOST, 400, "bad_request"),
    "a version to come": (b"GET /tickets HTTP/9.9\r\n%s\r\n" % HOST, 401, "unauthorized"),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404, "not_found"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "bad_request"),
    "an unknown method": (b"BREW /auth/login HTTP/1.1\r\n%s\r\n" % HOST, 405, "method_not_allowed"),
    "TRACE": (b"TRACE /auth/login HTTP/1.1\r\n%s\r\n" % HOST, 405, "method_not_allowed"),
    "CONNECT": (b"CONNECT localhost:80 HTTP/1.1\r\n%s\r\n" % HOST, 404, "not_found"),
    "an absolute address": (b"GET http://localhost/tickets HTTP/1.1\r\n%s\r\n" % HOST, 401, "unauthorized"),
    "an address of no scheme": (b"GET tickets HTTP/1.1\r\n%s\r\n" % HOST, 401, "unauthorized"),
    "two hosts": (GET + b"Host: elsewhere.example\r\n\r\n", 400, "host_not_allowed"),
    "a body in chunks and by length": (
        CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
        400,
        "bad_request",
    ),
    "two lengths": (
        POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
        400,
        "bad_request",
    ),
    "a list of lengths": (POST + b"Content-Length: 0, 0\r\n\r\n" + HIDDEN, 400, "bad_request"),
    "a length with a sign": (POST + b"Content-Length: +5\r\n\r\nabcde" + HIDDEN, 400, "bad_request"),
    "a length in hexadecimal": (POST + b"Content-Length: 0x5\r\n\r\nabcde" + HIDDEN, 400, "bad_request"),
    "a space before the colon": (POST + b"Content-Length : %d\r\n\r\n" % len(HIDDEN) + HIDDEN, 400, "bad_request"),
    "chunks for an old client": (
        b"POST /auth/login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
        400,
        "bad_request",
    ),
    "a folded header": (GET + b"X-Long: a\r\n b\r\n\r\n", 401, "unauthorized"),
    "a line feed alone": (GET + b"X: a\nY: b\r\n\r\n", 400, "bad_request"),
    "line feeds alone": (b"GET /tickets HTTP/1.1\nHost: localhost\n\n", 0, ""),
    "a carriage return alone": (GET + b"X: a\rY: b\r\n\r\n", 400, "bad_request"),
    "NUL in a header": (GET + b"X: a\0b\r\n\r\n", 400, "bad_request"),
    "NUL in a name": (GET + b"X\0: a\r\n\r\n", 400, "bad_request"),
    "NUL in the address": (b"GET /tickets/\0 HTTP/1.1\r\n%s\r\n" % HOST, 401, "unauthorized"),
    "headers of 64 kB": (GET + b"X: %s\r\n\r\n" % (b"x" * 65_536), 431, "headers_too_large"),
    "many headers": (GET + b"X: x\r\n" * 11_000 + b"\r\n", 431, "headers_too_large"),
    "a type that cannot be read": (
        POST + b"Content-Type: application/json; x*=idna''x\r\nContent-Length: 2\r\n\r\n{}",
        415,
        "unsupported_media_type",
    ),
    "a type that is too long to be one": (
        POST + b"Content-Type: application/json; %s\r\nContent-Length: 2\r\n\r\n{}" % (b"a=b;" * 250),
        415,
        "unsupported_media_type",
    ),
    "an extension of a chunk": (CHUNKED + b"\r\n2;a=b\r\n{}\r\n0\r\n\r\n", 400, "invalid_input"),
    "an endless extension": (CHUNKED + b"\r\n2;" + b"a" * 40_000 + b"\r\n{}\r\n0\r\n\r\n", 400, "bad_request"),
    "a negative chunk": (CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n" + HIDDEN, 400, "bad_request"),
    "a chunk with a prefix": (CHUNKED + b"\r\n0x2\r\n{}\r\n0\r\n\r\n" + HIDDEN, 400, "bad_request"),
    "a chunk of more than there is": (CHUNKED + b"\r\n%s\r\n{}\r\n" % (b"f" * 40), 0, ""),
    "a chunk without a size": (CHUNKED + b"\r\n\r\n{}\r\n0\r\n\r\n" + HIDDEN, 400, "bad_request"),
    "a chunk that goes on": (CHUNKED + b"\r\n2\r\n{}{}\r\n0\r\n\r\n" + HIDDEN, 400, "bad_request"),
    "parts that are cut off": (MULTIPART + b"Content-Length: %d\r\n\r\n" % len(PART) + PART, 401, "unauthorized"),
    "a body that is cut off": (MULTIPART + b"Content-Length: 5000\r\n\r\n" + PART, 0, ""),
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server(server_environment("sqlite:///unused.sqlite3")) as address:
        yield address


def everything(server: str, words: bytes) -> bytes:
    """What is answered to who says this and no more."""
    with connect(server) as sock:
        sock.sendall(words)
        sock.shutdown(socket.SHUT_WR)
        return rest_of(sock)


def error_in(found: bytes) -> Any:
    """The body of the one answer, which may be in one chunk."""
    return json.loads(found[found.index(b"{") : found.rindex(b"}") + 1])


@pytest.mark.parametrize(("words", "expected", "code"), REQUESTS.values(), ids=REQUESTS)
def test_what_is_no_good_request_is_refused_and_hides_no_other(
    server: str, words: bytes, expected: int, code: str
) -> None:
    found = everything(server, words)
    assert found.count(b"HTTP/1.") == (1 if expected else 0)
    assert status(found) == expected
    if expected:
        told = error_in(found)
        assert told.pop("message")
        told.pop("fields", None)
        assert told == {"statusCode": expected, "error": HTTPStatus(expected).phrase, "code": code}
    ordinary = everything(server, GET + b"\r\n")
    assert (status(ordinary), error_in(ordinary)["code"]) == (401, "unauthorized")
