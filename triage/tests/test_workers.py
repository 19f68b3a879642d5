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

type Asking = Callable[[str], dict[str, Any]]

PATH = "/ai/severity-suggestion"


@contextmanager
def desk(database_url: str, server: ModelServer, **variables: str) -> Iterator[Callable[[], Asking]]:
    """A running desk of two workers; each call gives another person, who asks it for severities."""
    environment = server_environment(
        database_url,
        JWT_SECRET=settings.JWT_SECRET,
        OPENAI_API_KEY="sk-test",
        OPENAI_BASE_URL=server.base_url,
        OPENAI_TIMEOUT_MS="20000",
        **variables,
    )

    def somebody() -> Asking:
        headers = {"Authorization": f"Bearer {issue_token(associate())}", "Content-Type": "application/json"}

        def ask(title: str) -> dict[str, Any]:
            with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)) as connection:
                connection.request("POST", PATH, json.dumps({"title": title, "description": "x"}), headers)
                answer = connection.getresponse()
                assert answer.status == 201
                body: dict[str, Any] = json.loads(answer.read())
                return body

        return ask

    with running_server(environment, workers=WORKERS) as address:
        yield somebody


@pytest.mark.django_db(transaction=True)
def test_workers_ask_about_equal_texts_once_and_share_their_limits(database_url: str) -> None:
    """One person has the model asked so often in a minute by all of them, and they stop asking together."""

    def works_until_it_does_not(server: ModelServer, client: socket.socket) -> None:
        if b"Title: Same" in server.requests[-1]:
            time.sleep(1)
        if b"Title: Broken" in server.requests[-1]:
            ms.hangs_up(server, client)
        else:
            ms.says("HIGH")(server, client)

    with (
        model_server(works_until_it_does_not) as server,
        desk(database_url, server, OPENAI_CALLS_PER_MINUTE="20") as asking,
        ThreadPoolExecutor(12) as pool,
    ):
        hurried, patient = asking(), asking()
        answers = list(pool.map(hurried, [f"Ticket {number}" for number in range(40)]))
        assert len(server.requests) == 20
        assert sorted(body["source"] for body in answers) == ["HEURISTIC"] * 20 + ["LLM"] * 20
        for number in range(1, 4):
            answers = list(pool.map(patient, [f"Same {number}"] * 12))
            assert [body["source"] for body in answers] == ["LLM"] * 12
            assert len(server.requests) == 20 + number
        for number in range(12):
            assert patient(f"Broken {number}")["source"] == "HEURISTIC"
        assert len(server.requests) == 20 + 3 + 5
