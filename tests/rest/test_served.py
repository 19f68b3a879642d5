"""What only a real server can be asked."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from accounts.signing_in.tokens import issue_token
from tests.support.factories import manager, ticket
from tests.support.patience import PATIENCE
from tests.support.server import running_server, server_environment

SECRET = "a-cron-secret-that-is-long-enough-to-be-one"


@pytest.fixture(scope="module")
def started(database_address: str) -> Iterator[str]:
    environment = server_environment(
        database_address, CRON_SECRET=SECRET, JWT_SECRET=settings.JWT_SECRET, DATABASE_POOL="0"
    )
    with running_server(environment) as address:
        yield urlsplit(address).netloc


@pytest.fixture
def server(transactional_db: None, started: str) -> str:
    return started


def post(server: str, path: str, body: Any, headers: dict[str, str], **options: Any) -> tuple[int, str | None]:
    """The status and the error code of the answer."""
    with closing(http.client.HTTPConnection(server, timeout=PATIENCE)) as connection:
        connection.request("POST", path, body, headers, **options)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("code")


@pytest.mark.one_database
def test_odd_content_types_are_answered_and_nightly_ignores_them(server: str) -> None:
    odd = {"Content-Type": "x; a*=nonsense''x"}
    secret, bearer = {"x-cron-secret": SECRET}, {"Authorization": f"Bearer {SECRET}"}
    assert post(server, "/auth/login", b"{}", odd) == (415, "unsupported_media_type")
    assert post(server, "/automation/nightly", b"{}", odd) == (401, "invalid_cron_secret")
    assert post(server, "/automation/nightly", b"\0" * 3_000_000, {**odd, **secret}) == (201, None)
    assert post(server, "/automation/nightly/", b"<", {**odd, **bearer}) == (201, None)


@pytest.mark.one_database
def test_a_body_may_come_in_chunks_and_is_ignored_where_bodies_are(server: str) -> None:
    signed_in = {"Authorization": f"Bearer {issue_token(manager())}"}
    upload = {**signed_in, "Content-Type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    login = [b'{"email": "nobody@example.com", ', b'"password": "x"}']
    file = [head, b"id,sta", b"tus\nx,OPEN\n", b"\r\n--b--\r\n"]

    def chunked(path: str, chunks: list[bytes], headers: dict[str, str]) -> tuple[int, str | None]:
        return post(server, path, iter(chunks), headers, encode_chunked=True)

    assert chunked("/auth/login", login, {"Content-Type": "application/json"}) == (401, "invalid_credentials")
    assert chunked("/csv/import", file, upload) == (201, None)
    assert chunked("/csv/import", [*file[:2], b"\0" * 1000], upload) == (400, "invalid_csv")
    assert chunked("/tickets", [b"x" * 1_000_000] * 3, {**signed_in, "Content-Type": "application/json"}) == (
        413,
        "too_large",
    )
    assert chunked("/automation/nightly", [b"{", b"}"], {"x-cron-secret": SECRET}) == (201, None)


@pytest.mark.parametrize(
    ("path", "size", "answer"),
    [
        ("/tickets", 20_000_000, (413, "too_large")),
        ("/csv/import", 20_000_000, (401, "unauthorized")),
        ("/nothing", 2_000_000, (404, "not_found")),
    ],
)
@pytest.mark.one_database
def test_who_sends_a_body_that_nobody_wants_gets_the_answer_all_the_same(
    server: str, path: str, size: int, answer: tuple[int, str]
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b" if "csv" in path else "application/json"}
    for _ in range(5):
        assert post(server, path, b"x" * size, headers) == answer


@pytest.mark.parametrize("path", ["/csv/import", "/csv/auto-process"])
def test_an_upload_that_is_cut_off_changes_nothing(server: str, path: str) -> None:
    pending, user = ticket("PENDING"), manager()
    file = f"id,status\n{pending.pk},OPEN\n"
    body = f'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n{file}'
    host, port = server.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {issue_token(user)}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body) + 1000}\r\n\r\n"
        )
        connection.sendall((head + body).encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536).decode()
    assert not answer or " 400 " in answer.partition("\r\n")[0]
    time.sleep(0.5)
    pending.refresh_from_db()
    assert (pending.status, pending.version) == ("PENDING", 2)
