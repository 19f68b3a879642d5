"""Ending a call from outside of its thread, by its sockets. Loads nothing of the SDK."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any


class Sockets:
    """The connections that one call opens, so that somebody in another thread can end the call at once.

    A timeout of the SDK bounds a single read, not the call: a server that sends a byte now and then is read from for
    ever. A thread cannot be stopped from outside either, but a socket that is shut down wakes whoever reads from it or
    writes to it. Closing the client would be less code, but it closes sockets under the thread that uses them: TLS
    keeps the number of the descriptor, which the system may by then have given to another connection. It also misses a
    connection that is opened afterwards, when the look-up of a name ends late.
    """

    def __init__(self) -> None:
        self.are_shut = False
        self._opened: list[socket.socket] = []
        self._lock = threading.Lock()

    def shut_down(self) -> None:
        """End the call; a connection that it opens later is shut down as soon as it is open."""
        with self._lock:
            self.are_shut = True
            for opened in self._opened:
                _shut_down(opened)

    def notice(self, event: str, info: dict[str, Any]) -> None:
        """The HTTP library's trace hook. It is called at each step, and this is where the sockets can be had."""
        stream = info.get("return_value")
        if not event.endswith((".connect_tcp.complete", ".start_tls.complete")) or stream is None:
            return
        opened = stream.get_extra_info("socket")
        with self._lock:
            self._opened.append(opened)
            if self.are_shut:
                _shut_down(opened)


def _shut_down(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
