"""A small WSGI application under the product's server, for tests of the server itself."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

closed: list[str] = []
gate = threading.Event()


class Stream(Iterator[bytes]):
    """Blocks of one letter; `breaks` after so many of them. What is closed is told by /closed."""

    def __init__(self, name: str, blocks: int, size: int, breaks: int) -> None:
        self.name, self.left, self.size, self.breaks = name, blocks, size, breaks
        self.given = 0

    def __next__(self) -> bytes:
        if self.given == self.breaks:
            raise ZeroDivisionError("on purpose")
        if self.given == self.left:
            raise StopIteration
        self.given += 1
        return b"x" * self.size

    def close(self) -> None:
        closed.append(self.name)


class BrokenFile:
    """A file that cannot be read to its end."""

    def __init__(self, blocks: int) -> None:
        self.left = blocks

    def read(self, size: int = -1) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("on purpose")
        return b"x" * 50_000

    def close(self) -> None:
        closed.append("file")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    query = {name: values[-1] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    headers = [("Content-Type", "text/plain")]
    match environ["PATH_INFO"]:
        case "/stream":
            if "length" in query:
                headers.append(("Content-Length", query["length"]))
            start_response("200 OK", headers)
            numbers = (int(query.get(name, "-1")) for name in ("blocks", "size", "breaks"))
            return Stream(query.get("name", ""), *numbers)
        case "/file":
            start_response("200 OK", headers)
            blocks: Iterable[bytes] = environ["wsgi.file_wrapper"](BrokenFile(int(query["blocks"])), 4096)
            return blocks
        case "/broken":
            raise OSError("on purpose, before there is an answer")
        case "/unchanged":
            start_response("304 Not Modified", [])
            return []
        case "/wait":
            gate.wait(60)
        case "/open":
            gate.set()
    body = environ["wsgi.input"].read()
    said = {
        "/closed": ",".join(closed),
        "/pid": str(os.getpid()),
        "/folder": tempfile.gettempdir(),
        "/peer": f"{environ['REMOTE_ADDR']} {environ['SERVER_NAME']} {environ.get('HTTP_HOST')}",
    }.get(environ["PATH_INFO"], f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {len(body)}")
    start_response("200 OK", headers)
    return [said.encode()]


def load() -> Callable[..., Iterable[bytes]]:
    return application
