"""Mail that goes nowhere: into this process's memory, or to a mail server for processes that a test starts."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message

# For the setting MAILERS: what is sent stands in `django.core.mail.outbox`.
IN_MEMORY = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}

type Mail = tuple[str, Message]  # to whom, and what


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 tests")
        to = ""
        for line in self.rfile:
            command = line.decode().strip()
            match command.upper().partition(" ")[0].partition(":")[0]:
                case "DATA":
                    self._say("354 go on")
                    self.server.taken.append((to, self._text()))  # type: ignore[attr-defined]  # of mail_server
                case "RCPT":
                    to = command.partition("<")[2].partition(">")[0]
                case "QUIT":
                    self._say("221 bye")
                    return
            self._say("250 ok")

    def _text(self) -> Message:
        lines = iter(self.rfile.readline, b".\r\n")
        return message_from_bytes(b"".join(lines))

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[tuple[str, list[Mail]]]:
    """Its address as EMAIL_URL, and what it has taken."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        taken: list[Mail] = []
        server.taken = taken  # type: ignore[attr-defined]  # for the sessions
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield f"smtp://127.0.0.1:{server.server_address[1]}?tls=0", taken
        finally:
            server.shutdown()
            thread.join()
