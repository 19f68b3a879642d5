"""What the workers of a real server share when they ask the language model."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from accounts.signing_in.tokens import issue_token
from config.serve.command import WORKERS
from tests.support.factories import associate
from tests.support.fakes import model_server as ms
from tests.support.fakes.model_server import ModelServer, model_server
from tests.support.patience import PATIENCE
from tests.support.server import running_server, server_environment

PATH = "/ai/severity-suggestion"


@contextmanager
def desk(database_url: str, server: ModelServer, **variables: str) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Asks a running desk of two workers for a severity."""
    environment = server_environment(
        database_url,
        JWT_SECRET=settings.JWT_SECRET,
        OPENAI_API_KEY="sk-test",
        OPENAI_BASE_URL=server.base_url,
        OPENAI_TIMEOUT_MS="20000",
        **variables,
    )
    headers = {"Authorization": f"Bearer {issue_token(associate())}", "Content-Type": "application/json"}

    def asking(title: str) -> dict[str, Any]:
        with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)) as connection:
            connection.request("POST", PATH, json.dumps({"title": title, "description": "x"}), headers)
            answer = connection.getresponse()
            assert answer.status == 201
            body: dict[str, Any] = json.loads(answer.read())
            return body

    with running_server(environment, workers=WORKERS) as address:
        yield asking


@pytest.mark.django_db(transaction=True)
def test_workers_ask_about_equal_texts_once_and_stop_asking_together(database_url: str) -> None:
    def works_until_it_does_not(server: ModelServer, client: socket.socket) -> None:
        if b"Title: Same" in server.requests[-1]:
            time.sleep(1)
            ms.says("HIGH")(server, client)
        else:
            ms.hangs_up(server, client)

    with model_server(works_until_it_does_not) as server, desk(database_url, server) as asking:
        for number in range(1, 4):  # at first one worker may not be up yet
            with ThreadPoolExecutor(12) as pool:
                answers = list(pool.map(asking, [f"Same {number}"] * 12))
            assert [body["source"] for body in answers] == ["LLM"] * 12
            assert len(server.requests) == number
        for number in range(12):
            assert asking(f"Ticket {number}")["source"] == "HEURISTIC"
        assert len(server.requests) == 3 + 5


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
def test_one_person_has_the_model_asked_so_often_in_a_minute_by_all_workers(database_url: str) -> None:
    with (
        model_server(ms.says("HIGH")) as server,
        desk(database_url, server, OPENAI_CALLS_PER_MINUTE="20") as asking,
        ThreadPoolExecutor(6) as pool,
    ):
        answers = list(pool.map(asking, [f"Ticket {number}" for number in range(60)]))
    assert len(server.requests) == 20
    assert sorted(body["source"] for body in answers) == ["HEURISTIC"] * 40 + ["LLM"] * 20
