"""What the server asks of the desk before it reads a body: who is unknown sends little and stores nothing."""

from __future__ import annotations

import json
import re
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from accounts.signing_in.tokens import issue_token
from config.serve.command import APPLICATION
from tests.support.factories import associate, manager, ticket
from tests.support.patience import wait_until
from tests.support.processes import server_workers, temporary_bytes
from tests.support.server import running_server, server_environment
from tests.support.sockets import answer, connect, connected, status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

SECRET = "a-cron-secret-that-is-long-enough-to-be-one"
MULTIPART = "Content-Type: multipart/form-data; boundary=b\r\n"
JSON = "Content-Type: application/json\r\n"
LARGE = 150_000_000


@dataclass
class Desk:
    address: str
    folder: Path  # for temporary files

    def kept(self) -> int:
        return temporary_bytes(server_workers(), self.folder)

    def asked(self, head: str, body: bytes = b"") -> tuple[bytes, Any]:
        """Status line and headers of the answer, and its JSON if it is any."""
        with connect(self.address) as sock:
            sock.sendall(f"{head}Host: localhost\r\n\r\n".encode() + body)
            found, content = answer(sock)
        return found, json.loads(content) if b"application/json" in found else None


@pytest.fixture(scope="module")
def started(database_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("temporary")
    environment = server_environment(
        database_address,
        DATABASE_POOL="0",
        JWT_SECRET=settings.JWT_SECRET,
        SECRET_KEY=settings.SECRET_KEY,
        CRON_SECRET=SECRET,
        TMPDIR=str(folder),
        CORS_ORIGIN="https://front.example.com",
    )
    patient: dict[str, Any] = dict.fromkeys(("body_seconds", "pace_seconds", "upload_seconds"), 600.0)
    with running_server(environment, APPLICATION, **patient) as address:
        yield Desk(address, folder)


@pytest.fixture
def desk(transactional_db: None, started: Desk) -> Desk:
    return started


def post(path: str, kind: str, size: int, headers: str = "") -> str:
    return f"POST {path} HTTP/1.1\r\n{kind}Content-Length: {size}\r\n{headers}"


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}\r\n"


def test_who_is_unknown_is_told_so_before_anything_is_read(desk: Desk) -> None:
    gone = manager()
    token = issue_token(gone)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    unknown = ["", bearer("nonsense"), bearer(token), "x-cron-secret: wrong\r\n", "Cookie: sessionid=nonsense\r\n"]
    for headers in unknown:
        for path, kind, size in [
            ("/csv/import", MULTIPART, LARGE),
            ("/csv/auto-process/", MULTIPART, LARGE),
            ("/tickets/x/attachments", MULTIPART, 25_000_000),
            ("/tickets", JSON, 2_000_000),
            ("/auth/login", JSON, 2_000_000),
            ("/automation/run-now", JSON, LARGE),
        ]:
            found, body = desk.asked(post(path, kind, size, headers), b"x" * 10_000)
            assert (status(found), body["code"], body["statusCode"]) == (401, "unauthorized", 401)
            assert b"connection: close" in found.lower()
        found, body = desk.asked(post("/automation/nightly", JSON, LARGE, headers))
        assert (status(found), body["code"]) == (401, "invalid_cron_secret")
        found, body = desk.asked(post("/nothing", JSON, 2_000_000, headers))
        assert (status(found), body["code"]) == (404, "not_found")
        for path, size in [
            ("/desk/login/", LARGE),
            ("/desk/tickets/new/", 100_000_000),  # brings at most the files that a ticket may have
            ("/desk/exchange/upload/", LARGE),
            ("/admin/login/", LARGE),
        ]:
            found, _body = desk.asked(post(path, MULTIPART, size, headers), b"x" * 10_000)
            assert status(found) == 302
            assert b"\r\nlocation: /desk/login/" in found.lower()
        assert desk.kept() == 0
    # Nobody gets leave to send, either.
    found, body = desk.asked(post("/csv/import", MULTIPART, LARGE, "Expect: 100-continue\r\n"))
    assert (status(found), body["code"]) == (401, "unauthorized")

    # Chunks end at the same size.
    chunk = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    head = f"POST /csv/import HTTP/1.1\r\n{MULTIPART}Transfer-Encoding: chunked\r\n"
    found, body = desk.asked(head, chunk * 30)
    assert (status(found), body["code"]) == (401, "unauthorized")
    assert desk.kept() == 0

    # Smaller bodies stay in memory.
    say = (post("/desk/login/", MULTIPART, 1_000_000) + "Host: localhost\r\n\r\n").encode() + b"x" * 990_000
    with connected(desk.address, 20, say=say):
        assert status(desk.asked("GET /healthz HTTP/1.1\r\n")[0]) == 200
        assert desk.kept() == 0


def test_a_body_over_the_limit_is_refused_unread(desk: Desk) -> None:
    for headers in ("", bearer(issue_token(manager()))):
        for path, kind, size in [
            ("/tickets", JSON, 2_621_441),
            ("/csv/import", MULTIPART, 512_000_001),
            (f"/tickets/{'0' * 36}/attachments", MULTIPART, 25_100_001),
            ("/tickets", JSON, 1 << 80),
        ]:
            found, body = desk.asked(post(path, kind, size, headers))
            assert (status(found), body["code"]) == (413, "too_large")
        found, _body = desk.asked(post("/desk/login/", "", 2_621_441, headers))
        assert status(found) == 413
        assert b"text/html" in found
        chunked = f"POST /tickets HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n{headers}"
        found, body = desk.asked(chunked, b"2dc6c0\r\n" + b"x" * 3_000_000 + b"\r\n0\r\n\r\n")
        assert body["code"] == ("too_large" if headers else "unauthorized")

    # Refusals have the headers that stand on every answer.
    origin = "Origin: https://front.example.com\r\n"
    for head, expected in [
        (post("/csv/import", MULTIPART, LARGE, origin), 401),
        (post("/tickets", JSON, LARGE, origin), 413),
        (f"GET /healthz HTTP/1.1\r\n{origin}", 200),
        (f"POST /tickets HTTP/1.1\r\nTransfer-Encoding: gzip\r\n{origin}", 501),
    ]:
        found, _body = desk.asked(head)
        assert status(found) == expected
        assert b"access-control-allow-origin: https://front.example.com" in found.lower()


def upload(rows: int) -> bytes:
    pending = ticket("PENDING")
    file = f"id,status\n{pending.pk},OPEN\n" + f"{pending.pk},OPEN\n" * (rows - 1)
    head = 'Content-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    return f"--b\r\n{head}{file}\r\n--b--\r\n".encode()


def test_who_is_known_sends_large_files(desk: Desk) -> None:
    body = upload(40_000)
    assert len(body) > 1_500_000
    known = bearer(issue_token(manager()))
    with connect(desk.address) as sock:
        head = post("/csv/import?dryRun=true", MULTIPART, len(body), known + "Expect: 100-continue\r\n")
        sock.sendall(f"{head}Host: localhost\r\n\r\n".encode())
        assert status(answer(sock)[0]) == 100
        sock.sendall(body[:1_200_000])
        sock.sendall(body[1_200_000:])
        found, content = answer(sock)
        assert status(found) == 201
        assert json.loads(content)["totalRows"] == 40_000
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")  # the connection is as good as before
        assert status(answer(sock)[0]) == 200
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:70_000], body[70_000:])) + b"0\r\n\r\n"
    head = f"POST /csv/import HTTP/1.1\r\n{MULTIPART}Transfer-Encoding: chunked\r\n{known}"
    found, report = desk.asked(head, chunks)
    assert (status(found), report["updatedCount"]) == (201, 1)

    # The same from a page.
    browser = Client()
    browser.force_login(manager())
    csrf = "0123456789abcdef0123456789abcdef"
    cookie = f"Cookie: sessionid={browser.cookies['sessionid'].value}; csrftoken={csrf}\r\nX-CSRFToken: {csrf}\r\n"
    body = upload(40_000)
    found, _body = desk.asked(post("/desk/exchange/upload/", MULTIPART, len(body), cookie), body)
    [place] = re.findall(rb"(?i)\r\nlocation: (\S+)", found)
    assert status(found) == 302
    assert re.fullmatch(rb"/desk/exchange/[0-9a-f-]{36}/", place)

    # Where nobody looks at a body, it is thrown away.
    found, _body = desk.asked(
        post("/automation/nightly", MULTIPART, 5_000_000, f"x-cron-secret: {SECRET}\r\n"), b"\0" * 5_000_000
    )
    assert status(found) == 201
    token = bearer(issue_token(manager()))
    found, _body = desk.asked(post("/automation/run-now", "", 5_000_000, token), b"\0" * 5_000_000)
    assert status(found) == 201


def test_only_a_few_large_bodies_come_in_at_once(desk: Desk) -> None:
    """Four, a quarter of the threads of the one process; whoever comes then is told at once."""
    body = upload(40_000)
    head = post("/csv/auto-process", MULTIPART, len(body), bearer(issue_token(manager())))
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        refused = 0
        for _ in range(14):
            sock = stack.enter_context(connect(desk.address))
            sock.sendall(f"{head}Host: localhost\r\nExpect: 100-continue\r\n\r\n".encode())
            found, content = answer(sock)
            if status(found) == 100:
                sockets.append(sock)
                continue
            assert (status(found), json.loads(content)["code"]) == (503, "too_many_uploads")
            assert re.search(rb"(?i)\r\nretry-after: \d+\r\n", found)
            refused += 1
        assert len(sockets) <= 4
        assert refused >= 10
        assert status(desk.asked("GET /auth/me HTTP/1.1\r\n")[0]) == 401  # everybody else is served
        for sock in sockets:
            sock.sendall(body)
        assert [status(answer(sock)[0]) for sock in sockets] == [201] * len(sockets)
    wait_until(lambda: status(desk.asked(head, body)[0]) == 201)  # the places are free again, if not at once


def test_health_is_told_while_every_thread_is_busy(desk: Desk) -> None:
    """They all wait for a lock that this test holds. On SQLite they give up after five seconds."""
    body = json.dumps({"title": "x", "description": "x", "dueDate": "2030-01-01", "severity": "LOW"})
    head = post("/tickets", JSON, len(body), bearer(issue_token(associate())))
    with ExitStack() as stack:
        sockets = [stack.enter_context(connect(desk.address)) for _ in range(60)]
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("LOCK TABLE tickets_ticketsequence")
            for sock in sockets:
                sock.sendall(f"{head}Host: localhost\r\n\r\n{body}".encode())
            for host in ("localhost", "anything.example.com") * 10:
                with connect(desk.address) as sock:
                    sock.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                    found, content = answer(sock)
                assert (status(found), json.loads(content)) == (200, {"status": "ok"})
            if connection.vendor == "postgresql":
                assert select.select(sockets, [], [], 0)[0] == []  # indeed nobody has been answered
        assert {status(answer(sock)[0]) for sock in sockets} <= {201, 503}
