"""What only a real server can be asked."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.server import running_server, server_environment

SECRET = "a-cron-secret-that-is-long-enough-to-be-one"


@pytest.fixture
def server(transactional_db: None, database_url: str) -> Iterator[str]:
    with running_server(server_environment(database_url, CRON_SECRET=SECRET)) as address:
        yield urlsplit(address).netloc


def post(server: str, path: str, body: Any, headers: dict[str, str], **options: Any) -> tuple[int, str | None]:
    """The status and the error code of the answer."""
    with closing(http.client.HTTPConnection(server, timeout=30)) as connection:
        connection.request("POST", path, body, headers, **options)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("code")


def test_odd_content_types_are_answered_and_nightly_ignores_them(server: str) -> None:
    odd = {"Content-Type": "x; a*=nonsense''x"}
    secret, bearer = {"x-cron-secret": SECRET}, {"Authorization": f"Bearer {SECRET}"}
    assert post(server, "/auth/login", b"{}", odd) == (415, "unsupported_media_type")
    assert post(server, "/automation/nightly", b"{}", odd) == (401, "invalid_cron_secret")
    assert post(server, "/automation/nightly", b"\0" * 3_000_000, {**odd, **secret}) == (201, None)
    assert post(server, "/automation/nightly/", b"<", {**odd, **bearer}) == (201, None)


def test_a_body_without_its_length_is_refused_and_ignored_where_bodies_are(server: str) -> None:
    def body() -> Iterator[bytes]:
        yield b"{}"

    assert post(server, "/auth/login", body(), {}, encode_chunked=True) == (411, "length_required")
    assert post(server, "/automation/nightly", body(), {"x-cron-secret": SECRET}, encode_chunked=True) == (201, None)
