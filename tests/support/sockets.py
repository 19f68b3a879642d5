"""A client that says exactly what a test wants it to say, from the address that a test wants it to have."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE

ESTABLISHED = "01"  # as /proc/net/tcp has it
STRANGER = "127.0.0.2"  # as good a loopback address as any other, but another peer


def connect(address: str, *, source: str = "127.0.0.1", receive_buffer: int = 0) -> socket.socket:
    parts = urlsplit(address)
    family = socket.AF_INET6 if ":" in str(parts.hostname) else socket.AF_INET
    sock = socket.socket(family)
    sock.settimeout(PATIENCE)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if family == socket.AF_INET:
        sock.bind((source, 0))
    sock.connect((str(parts.hostname), parts.port))
    return sock


@contextmanager
def connected(address: str, count: int, *, source: str = STRANGER, say: bytes = b"") -> Iterator[list[socket.socket]]:
    """Open so many connections, each of which has said this."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(connect(address, source=source)) for _ in range(count)]
        for sock in sockets:
            with suppress(OSError):  # those that are one too many have been closed already
                sock.sendall(say)
        yield sockets


def said(address: str, *words: bytes, source: str = "127.0.0.1") -> bytes:
    """Everything that is answered to these words until the other side closes."""
    with connect(address, source=source) as sock:
        for word in words:
            sock.sendall(word)
        return rest_of(sock)


def rest_of(sock: socket.socket) -> bytes:
    """What comes until the other side closes. Raises ConnectionResetError where it is a reset that ends it."""
    found = []
    while data := sock.recv(1 << 16):
        found.append(data)
    return b"".join(found)


def answer(sock: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of one answer that says how long it is; nothing where the connection was closed instead."""
    found = b""
    while b"\r\n\r\n" not in found:
        data = sock.recv(1)
        if not data:
            return found, b""
        found += data
    lengths = [line.partition(b":")[2] for line in found.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0]) if lengths else 0
    body = b""
    while len(body) < length and (data := sock.recv(length - len(body))):
        body += data
    return found, body


def status(head: bytes) -> int:
    """0 for no answer."""
    return int(head.split()[1]) if head.startswith(b"HTTP/") else 0


def is_closed(sock: socket.socket) -> bool:
    """Waits until the other side has closed, whatever it said before."""
    with suppress(ConnectionResetError, BrokenPipeError):
        rest_of(sock)
    return True


def is_given_up(sock: socket.socket) -> bool:
    """Whether the other side, on this machine, has closed, also where this one has not read far enough to notice."""
    port = f":{sock.getsockname()[1]:04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return not any(remote.endswith(port) and state == ESTABLISHED for _slot, _local, remote, state, *_more in rows)


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
