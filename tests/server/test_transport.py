"""What the server makes of bytes: requests of every shape, answers that end early, and clients that do not hurry."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from config.serve.command import server_command
from tests.support.patience import wait_until
from tests.support.server import ROOT, free_port, running_server, server_environment, wait_until_live
from tests.support.sockets import answer, connect, connected, is_closed, is_given_up, reset, rest_of, said, status

pytestmark = pytest.mark.no_database

PLAIN = "tests.support.plain_application:load"
HOST = b"Host: localhost\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server(server_environment("sqlite:///unused.sqlite3"), PLAIN) as address:
        yield address


@pytest.fixture(scope="module")
def hasty() -> Iterator[str]:
    """A server whose deadlines are short, with room for a few connections of each peer."""
    limits = {
        "header_seconds": 1,
        "idle_seconds": 1,
        "body_seconds": 2,
        "pace_seconds": 1,
        "upload_seconds": 1,
        "answer_seconds": 2,
    }
    with running_server(
        server_environment("sqlite:///unused.sqlite3"), PLAIN, **limits, connections_per_peer=6
    ) as address:
        yield address


# --- Requests


def test_one_connection_takes_request_after_request(server: str) -> None:
    with connect(server) as sock:
        for number in range(3):
            sock.sendall(b"POST /%d HTTP/1.1\r\n%sContent-Length: 3\r\n\r\nabc" % (number, HOST))
            head, body = answer(sock)
            assert (status(head), body) == (200, b"POST /%d 3" % number)
            assert b"close" not in head.lower()


def test_an_answer_without_a_body_leaves_the_connection_open(server: str) -> None:
    with connect(server) as sock:
        for _ in range(2):
            sock.sendall(b"GET /unchanged HTTP/1.1\r\n%s\r\n" % HOST)
            head, _body = answer(sock)
            assert status(head) == 304
            assert not re.search(rb"(?i)\r\n(connection|content-length|transfer-encoding):", head)
        sock.sendall(b"GET /unchanged HTTP/1.1\r\n%sConnection: close\r\n\r\n" % HOST)
        assert b"\r\nConnection: close\r\n" in rest_of(sock)


def test_requests_that_are_sent_at_once_are_answered_in_their_order(server: str) -> None:
    many = b"".join(b"GET /%d HTTP/1.1\r\n%s\r\n" % (number, HOST) for number in range(300))
    with connect(server) as sock:
        sock.sendall(many)
        assert [answer(sock)[1] for _ in range(300)] == [b"GET /%d 0" % number for number in range(300)]


def test_an_old_client_is_answered_and_left(server: str) -> None:
    found = said(server, b"GET /old HTTP/1.0\r\n\r\n")
    assert found.startswith(b"HTTP/1.0 200 ")
    assert found.endswith(b"\r\n\r\nGET /old 0")


def test_an_old_client_may_keep_the_connection(server: str) -> None:
    with connect(server) as sock:
        for _ in range(2):
            sock.sendall(b"GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert answer(sock)[1] == b"GET /old 0"


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize("path", [b"/x", b"/stream?blocks=3&size=10", b"/stream?blocks=3&size=10&length=30"])
def test_head_has_the_headers_of_get_and_no_body(server: str, version: bytes, path: bytes) -> None:
    found = said(server, b"HEAD %s HTTP/%s\r\n%sConnection: close\r\n\r\n" % (path, version, HOST))
    head, _, body = found.partition(b"\r\n\r\n")
    assert (status(head), body) == (200, b"")
    assert (b"content-length: 30" in head.lower()) == path.endswith(b"length=30")


def test_who_stops_sending_is_still_answered(server: str) -> None:
    with connect(server) as sock:
        sock.sendall(b"GET /x HTTP/1.1\r\n%s\r\n" % HOST)
        sock.shutdown(socket.SHUT_WR)
        assert rest_of(sock).endswith(b"GET /x 0")


def test_a_head_may_come_byte_by_byte_and_behind_empty_lines(server: str) -> None:
    with connect(server) as sock:
        for byte in b"\r\n\r\nGET /slow HTTP/1.1\r\n%sX-Long: %s\r\n\r\n" % (HOST, b"y" * 200):
            sock.sendall(bytes([byte]))
        assert answer(sock)[1] == b"GET /slow 0"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (b"GET //x HTTP/1.1", b"//x"),
        (b"GET http://localhost/x HTTP/1.1", b"/x"),
        (b"OPTIONS * HTTP/1.1", b"/*"),
        (b"GET /a%20b?c#d HTTP/1.1", b"/a b"),
    ],
)
def test_the_path_is_the_one_that_was_asked(server: str, line: bytes, path: bytes) -> None:
    found = said(server, b"%s\r\n%sConnection: close\r\n\r\n" % (line, HOST))
    assert found.endswith(b"%s %s 0" % (line.split()[0], path))


def test_chunks_become_a_body(server: str) -> None:
    chunks = b"3\r\nabc\r\n" + b"1\r\nx\r\n" * 2_000 + b"3e8\r\n" + b"x" * 1_000 + b"\r\n0\r\n\r\n"
    head = b"POST /x HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n" % HOST
    with connect(server) as sock:
        for _ in range(2):
            sock.sendall(head + chunks)
            assert answer(sock)[1] == b"POST /x 3003"


def test_a_large_body_may_come_in_small_chunks(server: str) -> None:
    """Clients that write a body piece by piece send it so."""
    chunks = (b"400\r\n" + b"x" * 1_024 + b"\r\n") * 5_000 + b"0\r\n\r\n"
    with connect(server) as sock:
        sock.sendall(b"POST /x HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n" % HOST)
        sock.sendall(chunks)
        assert answer(sock)[1] == b"POST /x 5120000"


def test_leave_to_send_is_given_where_it_is_asked_for(server: str) -> None:
    with connect(server) as sock:
        sock.sendall(b"POST /x HTTP/1.1\r\n%sContent-Length: 3\r\nExpect: 100-continue\r\n\r\n" % HOST)
        assert status(answer(sock)[0]) == 100
        sock.sendall(b"abc")
        assert answer(sock)[1] == b"POST /x 3"


MALFORMED = [
    (b"FOO\r\n\r\n", 400),
    (b"GET /\r\n /x HTTP/1.1\r\n\r\n", 400),
    (b"get / HTTP/1.1\r\n\r\n", 400),
    (b"GET http://[ HTTP/1.1\r\n\r\n", 400),
    (b" \r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\n folded: first\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n", 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;" + b"x" * 2_000_000, 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 300_000, 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 10_000, 400),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 431),
    (b"x" * 5_000_000, 431),
]


@pytest.mark.parametrize(("words", "expected"), MALFORMED, ids=range(len(MALFORMED)))
def test_what_cannot_be_read_is_refused_and_the_answer_arrives(server: str, words: bytes, expected: int) -> None:
    with connect(server) as sock:
        sock.sendall(words)
        head, _body = answer(sock)
        assert status(head) == expected
        sock.shutdown(socket.SHUT_WR)
        assert is_closed(sock)
    assert said(server, b"GET /x HTTP/1.0\r\n\r\n").endswith(b"GET /x 0")


# --- Answers that end early


def chunks_end(found: bytes) -> bool:
    return found.endswith(b"0\r\n\r\n")


BREAKS = ["/stream?blocks=9&size=50000&breaks=5", "/file?blocks=5", "/stream?blocks=9&size=9000000&breaks=5"]


@pytest.mark.parametrize("path", BREAKS)
def test_an_answer_that_breaks_off_has_no_last_chunk(server: str, path: str) -> None:
    found = said(server, b"GET %s HTTP/1.1\r\n%s\r\n" % (path.encode(), HOST))
    assert status(found) == 200
    assert b"x" in found.partition(b"\r\n\r\n")[2]
    assert not chunks_end(found)


@pytest.mark.parametrize("path", BREAKS)
def test_to_an_old_client_an_answer_that_breaks_off_is_a_reset(server: str, path: str) -> None:
    with pytest.raises(ConnectionResetError):
        said(server, b"GET %s HTTP/1.0\r\n\r\n" % path.encode())


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_shorter_than_it_said_is_left_short(server: str, version: bytes) -> None:
    for path in (b"/stream?blocks=9&size=10&breaks=5&length=90", b"/stream?blocks=5&size=10&length=90"):
        with connect(server) as sock:
            sock.sendall(b"GET %s HTTP/%s\r\n%s\r\n" % (path, version, HOST))
            found = rest_of(sock)  # it is closed, and nobody waits for the rest
        assert b"content-length: 90" in found.lower()
        assert len(found.partition(b"\r\n\r\n")[2]) < 90


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_that_is_whole_ends_properly(server: str, version: bytes) -> None:
    for size in (10, 3_000_000):
        found = said(server, b"GET /stream?blocks=9&size=%d HTTP/%s\r\n%s\r\n" % (size, version, HOST))
        body = found.partition(b"\r\n\r\n")[2]
        assert body.count(b"x") == 9 * size
        assert chunks_end(found) == (version == b"1.1")


def test_an_error_before_the_answer_is_a_500_and_no_empty_answer(server: str) -> None:
    found = said(server, b"GET /broken HTTP/1.1\r\n%sConnection: close\r\n\r\n" % HOST)
    assert status(found) == 500


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_who_goes_away_has_their_answer_closed(server: str, leave: str) -> None:
    """The application can give back what it holds for the answer."""
    sock = connect(server, receive_buffer=4096)
    sock.sendall(b"GET /stream?blocks=100000&size=1000000&name=%s HTTP/1.1\r\n%s\r\n" % (leave.encode(), HOST))
    assert sock.recv(100)
    (reset if leave == "reset" else socket.socket.close)(sock)
    wait_until(lambda: leave.encode() in said(server, b"GET /closed HTTP/1.0\r\n\r\n"))


# --- Clients that do not hurry


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"", 0),
        (b"GET / HT", 0),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n", 408),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 408),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\nabc", 408),
    ],
    ids=["nothing", "half a head", "no body", "half a chunk", "no large body"],
)
def test_who_sends_nothing_is_given_up(hasty: str, words: bytes, expected: int) -> None:
    with connect(hasty) as sock:
        sock.sendall(words)
        assert status(answer(sock)[0]) == expected
        with suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        assert is_closed(sock)


@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nContent-Length: 900000\r\n\r\n"])
def test_a_byte_now_and_then_is_no_life(hasty: str, words: bytes) -> None:
    with connect(hasty) as sock:
        sock.sendall(words)
        sock.settimeout(0.2)
        with pytest.raises((ConnectionError, EOFError)):
            for _ in range(300):
                sock.sendall(b"x")
                try:
                    if not sock.recv(4096):
                        raise EOFError
                except TimeoutError:
                    continue


def test_a_connection_on_which_nothing_is_asked_any_more_is_closed(hasty: str) -> None:
    with connect(hasty) as sock:
        sock.sendall(b"GET /x HTTP/1.1\r\n%s\r\n" % HOST)
        assert answer(sock)[1] == b"GET /x 0"
        assert rest_of(sock) == b""


def test_who_does_not_read_is_cut_off(hasty: str) -> None:
    with connect(hasty, receive_buffer=4096) as sock:
        sock.sendall(b"GET /stream?blocks=30&size=1000000&name=unread HTTP/1.1\r\n%s\r\n" % HOST)
        wait_until(lambda: b"unread" in said(hasty, b"GET /closed HTTP/1.0\r\n\r\n"))  # no thread waits for the reader
        wait_until(lambda: is_given_up(sock))
        with suppress(ConnectionResetError):
            assert not chunks_end(rest_of(sock))


def test_nothing_more_is_done_for_who_does_not_take_the_last_answer(server: str) -> None:
    name = b"behind"
    say = b"GET /stream?blocks=30&size=1000000&name=%s HTTP/1.1\r\n%s\r\n" % (name, HOST)
    long = b"GET /stream?blocks=8&size=1000000&length=8000000&name=long HTTP/1.1\r\n%s\r\n" % HOST
    with connect(server, receive_buffer=4096) as sock:
        sock.sendall(long + say)
        wait_until(lambda: b"long" in said(server, b"GET /closed HTTP/1.0\r\n\r\n"))
        for _ in range(20):
            assert name not in said(server, b"GET /closed HTTP/1.0\r\n\r\n")
        assert len(answer(sock)[1]) == 8_000_000
        assert chunks_end(rest_of(sock))


def test_who_reads_slowly_but_steadily_gets_everything(hasty: str) -> None:
    with connect(hasty, receive_buffer=65536) as sock:
        sock.sendall(b"GET /stream?blocks=12&size=1000000 HTTP/1.1\r\n%s\r\n" % HOST)
        parts = []
        while data := sock.recv(150_000):
            parts.append(data)
            time.sleep(0.02)
    found = b"".join(parts)
    assert chunks_end(found)
    assert found.partition(b"\r\n\r\n")[2].count(b"x") == 12_000_000


def test_of_one_peer_the_connections_that_wait_longest_make_room(hasty: str) -> None:
    """There are two processes, each with its own six."""
    with connected(hasty, 30) as silent:
        for _ in range(20):
            assert said(hasty, b"GET /x HTTP/1.0\r\n\r\n", source="127.0.0.2").endswith(b"GET /x 0")
        assert all(is_closed(sock) for sock in silent[:10])


def test_one_peer_cannot_have_more_than_its_share_at_work(hasty: str) -> None:
    head = b"POST /x HTTP/1.1\r\n%sContent-Length: 10\r\n\r\n" % HOST
    with connected(hasty, 40, say=head) as sockets:
        assert said(hasty, b"GET /x HTTP/1.0\r\n\r\n").endswith(b"GET /x 0")  # another peer is not concerned
        answered = 0
        for sock in sockets:
            try:
                sock.sendall(b"0123456789")
                answered += status(answer(sock)[0]) == 200
            except OSError:
                continue
        assert 6 <= answered <= 12


# --- Addresses


def test_an_address_of_ipv6_is_served_too() -> None:
    port = free_port()
    command = server_command("::1", port, PLAIN)
    process = subprocess.Popen(command, cwd=ROOT, env=server_environment("sqlite:///unused.sqlite3"))
    try:
        wait_until_live(f"http://[::1]:{port}", process)
        assert said(f"http://[::1]:{port}", b"GET /peer HTTP/1.0\r\n\r\n").endswith(b"::1 localhost None")
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_a_server_says_nothing_of_what_it_is_made_of(server: str) -> None:
    found = said(server, b"GET /x HTTP/1.0\r\n\r\n")
    assert re.search(rb"(?im)^(server|via):", found) is None
