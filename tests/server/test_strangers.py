"""Strangers who hold on to as much of the server as they can get, while an ordinary client goes about its work.

In the short run all of them come at once, and the client gets each of its answers. In the long run each kind of them
stays for a minute, and the client is answered quickly as well.
"""

from __future__ import annotations

import http.client
import json
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from accounts.signing_in.tokens import issue_token
from config.serve.command import WORKERS
from tests.support.factories import associate
from tests.support.patience import PATIENCE, wait_until
from tests.support.server import running_server, server_environment
from tests.support.sockets import STRANGER, connect
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

HOST = b"Host: localhost\r\n"
LOGIN = b"POST /desk/login/ HTTP/1.1\r\n%sContent-Type: multipart/form-data; boundary=b\r\n" % HOST
LIMIT_SECONDS = 1.0  # the 99th percentile of an ordinary client's answers in the long run


@dataclass(frozen=True)
class Attack:
    """So many connections attack; each says something at once, and then every now and then, and reads nothing."""

    count: int
    say: bytes
    repeat: bytes = b""


ATTACKS = {
    "a body that never comes": Attack(40, LOGIN + b"Content-Length: 900000\r\n\r\n"),
    "a body of a byte now and then": Attack(40, LOGIN + b"Content-Length: 900000\r\n\r\n", b"x"),
    "a large body that never comes": Attack(40, LOGIN + b"Content-Length: 150000000\r\n\r\n"),
    "a large body that does come": Attack(10, LOGIN + b"Content-Length: 150000000\r\n\r\n", b"x" * 100_000),
    "a body in endless chunks": Attack(10, LOGIN + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 5_000),
    "half a head": Attack(40, b"GET / HTTP/1.1\r\nX: ", b"x"),
    "answers that nobody reads": Attack(40, b"GET /docs-json HTTP/1.1\r\n%s\r\n" % HOST * 50),
    "nothing at all": Attack(1_100, b""),
}


class Strangers:
    """Keeps an attack standing: whoever is thrown out comes again."""

    def __init__(self, address: str, attack: Attack) -> None:
        self.address, self.attack = address, attack
        self.sockets: list[socket.socket] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.stand)

    @property
    def is_there(self) -> bool:
        return len(self.sockets) >= self.attack.count // 2

    def stand(self) -> None:
        with selectors.DefaultSelector() as selector:
            while not self.over.is_set():
                while len(self.sockets) < self.attack.count and not self.over.is_set():
                    self.come(selector)
                for key, _events in selector.select(0):
                    self.leave(selector, key.fileobj)  # type: ignore[arg-type]  # a socket
                for sock in self.sockets if self.attack.repeat else ():
                    with suppress(OSError):
                        sock.send(self.attack.repeat)
                self.over.wait(0.3)
        for sock in self.sockets:
            sock.close()

    def come(self, selector: selectors.BaseSelector) -> None:
        with suppress(OSError):
            sock = connect(self.address, source=STRANGER, receive_buffer=2048)
            self.sockets.append(sock)
            sock.setblocking(False)
            if self.attack.say.count(b"GET") < 2:  # those who wait for an answer to read are done with it
                selector.register(sock, selectors.EVENT_READ)
            sock.send(self.attack.say)

    def leave(self, selector: selectors.BaseSelector, sock: socket.socket) -> None:
        selector.unregister(sock)
        self.sockets.remove(sock)
        sock.close()


@contextmanager
def standing(address: str, attacks: list[Attack]) -> Iterator[None]:
    all_of_them = [Strangers(address, attack) for attack in attacks]
    for strangers in all_of_them:
        strangers.thread.start()
    try:
        wait_until(lambda: all(each.is_there for each in all_of_them), "the attack does not stand")
        yield
    finally:
        for strangers in all_of_them:
            strangers.over.set()
        for strangers in all_of_them:
            strangers.thread.join()


class Ordinary:
    """An associate at work: raises tickets, looks at lists and pages, on new connections and on old ones."""

    def __init__(self, address: str) -> None:
        self.netloc = urlsplit(address).netloc
        self.headers = {"Authorization": f"Bearer {issue_token(associate())}", "Content-Type": "application/json"}
        self.kept = http.client.HTTPConnection(self.netloc, timeout=PATIENCE)
        self.created = 0
        self.seconds: list[float] = []

    def work(self) -> None:
        """One round. Each request must be answered."""
        new = {"title": f"No. {self.created}", "description": "x", "dueDate": "2030-01-01", "severity": "LOW"}
        self.ask(201, "POST", "/tickets", json.dumps(new))
        self.created += 1
        self.ask(200, "GET", "/tickets?pageSize=5")
        self.ask(200, "GET", "/desk/login/")
        self.ask(200, "GET", "/healthz")

    def ask(self, expected: int, method: str, path: str, body: str | None = None) -> None:
        with closing(http.client.HTTPConnection(self.netloc, timeout=PATIENCE)) as fresh:
            for client in (fresh, self.kept) if method == "GET" else (fresh,):
                began = time.monotonic()
                client.request(method, path, body, self.headers)
                found = client.getresponse()
                content = found.read()
                assert found.status == expected, content[:200]
                self.seconds.append(time.monotonic() - began)


@pytest.fixture(scope="module")
def started(database_address: str) -> Iterator[str]:
    environment = server_environment(database_address, JWT_SECRET=settings.JWT_SECRET, DATABASE_POOL="0")
    with running_server(environment, workers=WORKERS) as address:
        yield address


@pytest.fixture
def address(transactional_db: None, started: str) -> str:
    """Its deadlines are those of production."""
    return started


@pytest.fixture(autouse=True)
def _many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8_192)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_an_ordinary_client_gets_every_answer_while_strangers_hold_on(address: str, long_run: bool) -> None:
    client = Ordinary(address)
    with closing(client.kept):
        if long_run:
            for name, attack in ATTACKS.items():
                client.seconds.clear()
                with standing(address, [attack]):
                    work_for(60, client.work)
                slowest = sorted(client.seconds)[int(len(client.seconds) * 0.99)]
                assert slowest < LIMIT_SECONDS, f"{name}: {slowest:.2f} s"
        else:
            with standing(address, list(ATTACKS.values())):
                for _ in range(3):
                    client.work()
    assert sorted(Ticket.objects.values_list("title", flat=True)) == sorted(
        f"No. {number}" for number in range(client.created)
    )
    connection.close()


def work_for(seconds: float, work: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        work()


def test_who_shares_an_address_with_silent_ones_is_served(address: str) -> None:
    """An office may show one address to the world: the silent make room for whoever has something to say."""
    with standing(address, [ATTACKS["nothing at all"]]):
        for _ in range(10):
            with connect(address, source=STRANGER) as sock:
                sock.sendall(b"GET /healthz HTTP/1.1\r\n%sConnection: close\r\n\r\n" % HOST)
                assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")
