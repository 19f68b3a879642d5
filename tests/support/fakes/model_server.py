"""A real server on a local socket that answers like a chat-completions API, or misbehaves in a named way."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.support.patience import wait_until

type Behaviour = Callable[["ModelServer", socket.socket], None]


def completion(content: Any) -> bytes:
    """The body of a chat completion that says this."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps(
        {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    ).encode()


def response(
    body: bytes, *, status: str = "200 OK", headers: str = "", content_type: str = "application/json"
) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def says(content: Any) -> Behaviour:
    return lambda server, client: client.sendall(response(completion(content)))


def sends(data: bytes) -> Behaviour:
    return lambda server, client: client.sendall(data)


def refuses(status: int) -> Behaviour:
    return sends(response(b'{"error": {"message": "no"}}', status=f"{status} No"))


def stays_silent(server: ModelServer, client: socket.socket) -> None:
    client.recv(1)  # until the other side hangs up


def drips_headers(server: ModelServer, client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.stopping.wait(0.02):
        client.sendall(b"X-Drip: drop\r\n")


def drips_header_bytes(server: ModelServer, client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not server.stopping.wait(0.02):
        client.sendall(b"x")


def floods_headers(server: ModelServer, client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.stopping.is_set():
        client.sendall(b"X-Flood: drop\r\n" * 1000)


def floods_interim_answers(server: ModelServer, client: socket.socket) -> None:
    client.settimeout(1)  # with its window closed, the system does not tell us that the other side has gone
    while not server.stopping.is_set():
        client.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000)


def drips_body(server: ModelServer, client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while not server.stopping.wait(0.02):
        client.sendall(b" ")


def never_ends(server: ModelServer, client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while not server.stopping.is_set():
        client.sendall(chunk)
        server.bytes_sent += len(chunk)


def is_large(server: ModelServer, client: socket.socket) -> None:
    client.sendall(response(completion("HIGH" + " " * 1_000_000)))


def hangs_up(server: ModelServer, client: socket.socket) -> None:
    client.shutdown(socket.SHUT_RDWR)


def hangs_up_in_the_middle(server: ModelServer, client: socket.socket) -> None:
    client.sendall(response(completion("HIGH"))[:-20])


def redirects(server: ModelServer, client: socket.socket) -> None:
    if b"/elsewhere" in server.requests[-1]:
        client.sendall(response(completion("HIGH")))
    else:
        location = f"Location: http://127.0.0.1:{server.port}/elsewhere\r\n"
        client.sendall(response(b"", status="307 Temporary Redirect", headers=location))


HTML = response(b"<html><h1>Welcome</h1></html>", content_type="text/html")
PACKED = response(gzip.compress(completion("HIGH")), headers="Content-Encoding: gzip\r\n")
NO_CHOICES = response(b'{"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": []}')


class ModelServer:
    """Reads each request whole, then does what `behaviour` says. `requests` has them, `answered` counts them."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[bytes] = []
        self.bytes_sent = 0
        self.open_connections = 0
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.requests]

    def stop(self) -> None:
        self.stopping.set()
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for somebody; closing alone would not
        self._accepting.join()
        self._socket.close()

    def wait_until_idle(self) -> None:
        """Fails unless all connections end."""
        wait_until(lambda: not self.open_connections, "connections are left open")

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self.open_connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            request = _read(client)
            with self._lock:
                self.requests.append(request)
            self.behaviour(self, client)
        with self._lock:
            self.open_connections -= 1


def _read(client: socket.socket) -> bytes:
    """One request. Raises OSError where the other side hangs up in the middle of it."""
    data = _more(client, b"")
    while b"\r\n\r\n" not in data:
        data = _more(client, data)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body = _more(client, body)
    return head + b"\r\n\r\n" + body


def _more(client: socket.socket, data: bytes) -> bytes:
    chunk = client.recv(65536)
    if not chunk:
        raise ConnectionResetError
    return data + chunk


@contextmanager
def model_server(behaviour: Behaviour) -> Iterator[ModelServer]:
    server = ModelServer(behaviour)
    try:
        yield server
    finally:
        server.stop()
