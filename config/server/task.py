"""Writing an answer."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from waitress.task import Task, WSGITask

from config.server.protocol import Answer, Environ

FILE_BLOCK = 1 << 16


class Sending(Task):
    """What waitress' tasks do not do by themselves."""

    def service(self) -> None:
        """Unlike waitress', no error of the application is swallowed, since one may well be an OSError."""
        self.start()
        self.execute()
        self.finish()

    def set_close_on_finish(self) -> None:
        """waitress closes behind every answer without a length; one without a body (304) ends with its head."""
        if self.has_body or self.version == "1.0" or self.request.headers.get("CONNECTION", "").lower() == "close":
            super().set_close_on_finish()

    def build_response_header(self) -> bytes:
        if self.channel.server.stopping:
            self.request.headers["CONNECTION"] = "close"
        head: bytes = super().build_response_header()
        if self.version == "1.0" and self.content_length is None:
            self.channel.end_visibly()
        return head

    def write(self, data: bytes) -> None:
        super().write(b"" if self.request.command == "HEAD" else data)

    def finish(self) -> None:
        if not self.wrote_header:
            self.write(b"")
        if self.request.command == "HEAD":
            self.chunked_response = False  # there is no last chunk either
        super().finish()
        self.channel.answer_is_whole = True


class Answering(Sending, WSGITask):
    """The application's answer."""

    def get_environment(self) -> Environ:
        environ: Environ = super().get_environment()
        path = self.request.path
        # waitress takes slashes off the beginning, but //x is another address than /x.
        environ["PATH_INFO"] = path if path.startswith("/") else f"/{path}"
        environ["SERVER_SOFTWARE"] = ""
        environ["wsgi.multiprocess"] = True
        environ["wsgi.file_wrapper"] = FileBlocks
        return environ


class Canned(Sending):
    """An answer that is there as a whole."""

    complete = True

    def __init__(self, channel: Any, request: Any, answer: Answer, *, close: bool = False) -> None:
        super().__init__(channel, request)
        self.close = close
        self.status, self.content_length, self.body = answer.status, len(answer.body), answer.body
        self.response_headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]

    def execute(self) -> None:
        if self.close:
            self.set_close_on_finish()
        self.write(self.body)


class FileBlocks(Iterator[bytes]):
    """A file as an answer, read by the application's thread.

    waitress would have the loop read it, where an error stops all connections and is nobody's.
    """

    def __init__(self, file: IO[bytes], block_size: int = 0) -> None:
        self.file = file

    def __next__(self) -> bytes:
        if block := self.file.read(FILE_BLOCK):
            return block
        raise StopIteration

    def close(self) -> None:
        self.file.close()


def head_of(channel: Any, request: Any) -> Environ:
    """The environ of a request without its body, as much of it as could be read."""
    if not hasattr(request, "path"):
        request.path, request.query, request.request_uri, request.command = "/", "", "/", "GET"
        request.url_scheme = channel.adj.url_scheme
    environ = Answering(channel, request).get_environment()
    environ["wsgi.input"] = BytesIO()
    return environ
