"""Having files looked at by ClamAV's daemon before they are kept, where CLAMD says where it listens.

It takes a file in pieces, each behind its length (INSTREAM of clamd's protocol), and answers in one line. Whatever
keeps it from saying that a file is clean, the file is not let through.
"""

from __future__ import annotations

import logging
import socket
import struct
import time
from typing import IO

from django.conf import settings

from config.env import SocketAddress
from tickets.attachments.errors import MalwareFound, ScannerUnavailable

log = logging.getLogger(__name__)

PIECE = 1 << 16
LENGTH = struct.Struct(">I")
MOST_ANSWERED = 4_096
SECONDS = 60.0  # for all of it
CLEAN = b"stream: OK"


def scan(file: IO[bytes]) -> None:
    """Have a whole seekable file looked at; it is left at its start. Raises MalwareFound, ScannerUnavailable."""
    address: SocketAddress | None = settings.CLAMD
    if address is None:
        return
    try:
        answer = _ask(address, file)
    except OSError as error:
        log.warning("The virus scanner does not answer: %s", error)
        raise ScannerUnavailable from error
    finally:
        file.seek(0)
    if answer == CLEAN:
        return
    said = answer.decode(errors="replace")
    if answer.endswith(b" FOUND"):
        log.warning("The virus scanner has refused a file: %s", said)
        raise MalwareFound
    log.warning("The virus scanner could not look at a file: %s", said or "it has said nothing")
    raise ScannerUnavailable


def _ask(address: SocketAddress, file: IO[bytes]) -> bytes:
    """What the daemon says of the file. Raises OSError."""
    end = time.monotonic() + SECONDS
    with _connected(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        file.seek(0)
        while piece := file.read(PIECE):
            _be_in_time(connection, end)
            connection.sendall(LENGTH.pack(len(piece)) + piece)
        connection.sendall(LENGTH.pack(0))
        answer = b""
        while len(answer) < MOST_ANSWERED and not answer.endswith(b"\0"):
            _be_in_time(connection, end)
            if not (more := connection.recv(MOST_ANSWERED)):
                break
            answer += more
    return answer.rstrip(b"\0\n")


def _connected(address: SocketAddress) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(SECONDS)
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def _be_in_time(connection: socket.socket, end: float) -> None:
    """A timeout of each step is no deadline: whoever says a byte now and then would never be late."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    connection.settimeout(left)
