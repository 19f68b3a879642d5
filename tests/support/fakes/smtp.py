"""Mail that goes nowhere: into this process's memory, or to a mail server for processes that a test starts."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message

# For the setting MAILERS: what is sent stands in `django.core.mail.outbox`.
IN_MEMORY = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}

type Mail = tuple[str, Message]  # to whom, and what


# What a mail server says to a mail once it has it all. It may do other things meanwhile, such as end who sends it.
type Judge = Callable[[Mail], str]
OK = "250 ok"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with suppress(ConnectionError):  # who sent has ended
            self._talk()

    def _talk(self) -> None:
        self._say("220 tests")
        to = ""
        for line in self.rfile:
            command = line.decode().strip()
            match command.upper().partition(" ")[0].partition(":")[0]:
                case "DATA":
                    self._say("354 go on")
                    self._say(self.server.receive((to, self._text())))  # type: ignore[attr-defined]  # of mail_server
                    continue
                case "RCPT":
                    to = command.partition("<")[2].partition(">")[0]
                case "QUIT":
                    self._say("221 bye")
                    return
            self._say(OK)

    def _text(self) -> Message:
        lines = iter(self.rfile.readline, b".\r\n")
        return message_from_bytes(b"".join(lines))

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True  # for one that comes back


@contextmanager
def mail_server(judge: Judge = lambda _mail: OK, port: int = 0) -> Iterator[tuple[str, list[Mail]]]:
    """Its address as EMAIL_URL, and what it has taken: that to which `judge` says yes."""
    taken: list[Mail] = []

    def receive(mail: Mail) -> str:
        answer = judge(mail)
        if answer.startswith("2"):
            taken.append(mail)
        return answer

    with _Server(("127.0.0.1", port), _Session) as server:
        server.receive = receive  # type: ignore[attr-defined]  # for the sessions
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield f"smtp://127.0.0.1:{server.server_address[1]}?tls=0", taken
        finally:
            server.shutdown()
            thread.join()
