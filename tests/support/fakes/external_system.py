"""A real server on a local socket that answers like an external system, or misbehaves in a named way."""

from __future__ import annotations

import contextlib
import csv
import io
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

type Behaviour = Callable[[Handler], None]


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ExternalSystem:
    """What it received, and how it behaves to one request after the other; the last behaviour goes on."""

    url: str
    behaviours: list[Behaviour]
    received: list[Received] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_behaviour(self) -> Behaviour:
        with self.lock:
            return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    system: ExternalSystem

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.system.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, self.body))
        self.close_connection = True
        with contextlib.suppress(OSError):  # the product has hung up
            self.system.next_behaviour()(self)

    def answer(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Nothing: the tests look at what was received."""


class Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Bind without looking the host's name up, which may take long where there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, *_: Any) -> None:
        """A client that distrusts TLS, or hangs up, is no error."""


@contextlib.contextmanager
def external_system(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[ExternalSystem]:
    class BoundHandler(Handler):
        pass

    server = Server(("127.0.0.1", 0), BoundHandler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "https" if tls else "http"
    system = BoundHandler.system = ExternalSystem(f"{scheme}://localhost:{server.server_port}/decide", list(behaviours))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield system
    finally:
        system.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


# --- What it decides -------------------------------------------------------------------------------------------------


def thirds(ids: list[str]) -> dict[str, str]:
    """The decision of the contract about tickets by id, with hyphens."""
    ranked = sorted(ids, key=lambda key: sha256(key.encode()).hexdigest())
    third = len(ranked) // 3
    targets = ["PENDING"] * third + ["OPEN"] * third + ["CLOSED"] * (len(ranked) - 2 * third)
    return dict(zip(ranked, targets, strict=True))


def exported_ids(body: bytes) -> list[str]:
    return [row["id"] for row in csv.DictReader(io.StringIO(body.decode()))]


def decided(statuses: dict[str, str]) -> bytes:
    return "".join(["id,status\n", *(f"{key},{status}\n" for key, status in statuses.items())]).encode()


# --- How it behaves --------------------------------------------------------------------------------------------------


def decides_in_thirds(handler: Handler) -> None:
    handler.answer(decided(thirds(exported_ids(handler.body))))


def closes_all(handler: Handler) -> None:
    handler.answer(decided(dict.fromkeys(exported_ids(handler.body), "CLOSED")))


def answers(content: bytes, status: int = 200, **headers: str) -> Behaviour:
    return lambda handler: handler.answer(content, status, **headers)


def hangs_up(handler: Handler) -> None:
    handler.connection.close()


def stays_silent(handler: Handler) -> None:
    handler.system.stopping.wait()


def breaks_off(handler: Handler) -> None:
    """End the answer in the middle of what it has announced."""
    handler.answer(b"id,status\n", Content_Length="1000")


def breaks_off_a_chunk(handler: Handler) -> None:
    handler.answer(b"ff\r\nid,status\n", Content_Length="", Transfer_Encoding="chunked")


def never_ends(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"id,status\n")
    while not handler.system.stopping.is_set():
        handler.wfile.write(b"x,OPEN\n" * 10_000)


def drips(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not handler.system.stopping.wait(0.05):
        handler.wfile.write(b"x")


def drips_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.system.stopping.wait(0.05):
        handler.wfile.write(b"X-Drip: drop\r\n")
