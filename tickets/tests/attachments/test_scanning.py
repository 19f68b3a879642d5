"""A virus scanner that was named looks at each file first; what it refuses, or cannot look at, is not kept."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import override_settings

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.patience import PATIENCE
from tests.support.server import free_port
from tickets.attachments import scanning
from tickets.models import Attachment
from tickets.tests.attachments.files import upload

pytestmark = pytest.mark.django_db

BAD = b"X5O!P%@AP and so on"


class Clamd:
    """A daemon that speaks as ClamAV's does: it takes INSTREAM, and finds BAD."""

    def __init__(self, listening: socket.socket, says: bytes | None = None) -> None:
        self.listening, self.says = listening, says
        self.seen: list[bytes] = []
        self.silent: threading.Event | None = None  # until it is set
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE)
            with closing(connection), connection.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack(">I", said.read(4))[0]:
                    content += said.read(length)
                self.seen.append(content)
                if self.silent:
                    self.silent.wait(PATIENCE)
                    continue
                found = b"stream: Eicar-Signature FOUND\0" if BAD in content else b"stream: OK\0"
                connection.sendall(found if self.says is None else self.says)

    def stop(self) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join(PATIENCE)


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clamd]:
    if request.param == "tcp":
        listening = socket.create_server(("127.0.0.1", 0))
        address: Any = listening.getsockname()
    else:
        listening = socket.socket(socket.AF_UNIX)
        address = str(tmp_path / "clamd.ctl")
        listening.bind(address)
        listening.listen()
    daemon = Clamd(listening)
    with override_settings(CLAMD=address):
        yield daemon
    daemon.stop()


def kept() -> int:
    place = Path(storages["attachments"].location)  # type: ignore[attr-defined]  # it is a folder here
    return sum(path.is_file() for path in place.rglob("*"))


def test_each_file_is_looked_at_before_it_is_kept(clamd: Clamd) -> None:
    api, ticket, before = ApiClient(factories.associate()), factories.ticket(), kept()
    good = bytes(range(256)) * 1_000  # several pieces
    assert upload(api, ticket, good).status_code == 201
    assert_error(upload(api, ticket, b"begin " + BAD), 422, "malware_found")
    assert clamd.seen == [good, b"begin " + BAD]
    for nonsense in (b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK and more\0", b"\0", b"x" * 10_000):
        clamd.says = nonsense
        answer = upload(api, ticket, good)
        assert_error(answer, 503, "scanner_unavailable")
        assert answer["Retry-After"] == "5"
    assert (kept(), Attachment.objects.count()) == (before + 1, 1)


def test_while_it_is_away_nothing_is_attached() -> None:
    with override_settings(CLAMD=("127.0.0.1", free_port())):
        answer = upload(ApiClient(factories.associate()), factories.ticket(), b"x")
    assert_error(answer, 503, "scanner_unavailable")
    assert not Attachment.objects.exists()


def test_one_that_says_nothing_is_not_waited_for_for_ever(clamd: Clamd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "SECONDS", 0.5)
    clamd.silent = threading.Event()
    try:
        answer = upload(ApiClient(factories.associate()), factories.ticket(), b"x")
    finally:
        clamd.silent.set()
    assert_error(answer, 503, "scanner_unavailable")
