"""POST /ai/severity-suggestion: which of the two answers, what is asked again, and when the model is left alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from pytest_django import DjangoAssertNumQueries, Settings

from tests.support.client import ApiClient, assert_error
from tests.support.factories import associate, manager
from tests.support.fakes import model_server as ms
from tests.support.fakes.model_server import Behaviour, ModelServer, model_server
from tests.support.patience import PATIENCE, own_seconds
from tickets.workflow import Severity
from triage import ledger
from triage.llm import breaker, chat, single_flight
from triage.llm.answer import Failure
from triage.models import Breaker, CallInProgress, Suggestion

PATH = "/ai/severity-suggestion"
TICKET = {"title": "The website is down", "description": "Nobody can open it."}
PLAIN = {"title": "Blue", "description": "Green"}
WITHOUT_SIGNAL = "Nothing in the text speaks for more or less than medium."

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    from triage.llm import transport  # not at the top, where each process that collects tests would load it

    transport.load()


@contextmanager
def model(behaviour: Behaviour, settings: Settings, *, timeout_ms: int = int(PATIENCE * 1000)) -> Iterator[ModelServer]:
    """The product is set up to ask this server."""
    with model_server(behaviour) as server:
        settings.OPENAI_API_KEY = "sk-test"
        settings.OPENAI_MODEL = "test-model"
        settings.OPENAI_BASE_URL = f"{server.base_url}/chat/completions"
        settings.OPENAI_TIMEOUT_MS = timeout_ms
        yield server


def ask(client: ApiClient, title: str = "Blue", description: str = "Green") -> dict[str, Any]:
    answer = client.post(PATH, {"title": title, "description": description})
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    assert set(body) == {"severity", "source", "model", "reasons"}
    return body


def count_failures() -> int:
    return sum(Breaker.objects.values_list("failures", flat=True))


# The shape.


def test_the_heuristic_answers_without_a_key() -> None:
    body = ask(ApiClient(associate()), **TICKET)
    assert (body["severity"], body["source"], body["model"]) == ("VERY_HIGH", "HEURISTIC", None)
    assert body["reasons"][0] == "Raises it: a service is down or cannot be reached."


def test_one_must_be_signed_in() -> None:
    assert_error(ApiClient().post(PATH, TICKET), 401, "unauthorized", "Unauthorized")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"description": "x"}, "title"),
        ({"title": "x"}, "description"),
        ({"title": "  ", "description": "x"}, "title"),
        ({"title": "x", "description": " \n"}, "description"),
        ({"title": "x" * 201, "description": "x"}, "title"),
        ({"title": "x", "description": "x" * 100_001}, "description"),
        ({"title": 1, "description": "x"}, "title"),
        ({"title": "a\0b", "description": "x"}, "title"),
        ({"title": "x", "description": "x", "severity": "LOW"}, "severity"),
    ],
)
def test_other_shapes_are_refused(body: dict[str, Any], field: str) -> None:
    error = assert_error(ApiClient(associate()).post(PATH, body), 400, "invalid_input")
    assert list(error["fields"]) == [field]


def test_the_longest_ticket_is_fine() -> None:
    assert ask(ApiClient(associate()), "x" * 200, "not " * 25_000)["severity"] == "MEDIUM"


def test_other_methods_are_refused() -> None:
    assert_error(ApiClient(associate()).get(PATH), 405, "method_not_allowed")


# The language model.


@pytest.mark.parametrize("level", ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"])
def test_the_models_level_is_the_answer(level: str, settings: Settings) -> None:
    with model(ms.says(level), settings):
        body = ask(ApiClient(associate()))
    assert body == {
        "severity": level,
        "source": "LLM",
        "model": "test-model",
        "reasons": ["Judged by the language model test-model."],
    }


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (ms.stays_silent, "The language model gave no answer within 0.3 s."),
        (ms.refuses(500), "The language model answered with an error."),
        (ms.refuses(429), "The language model answered with an error."),
        (ms.says("HIGH or LOW"), "The language model gave no clear answer."),
        (ms.sends(ms.HTML), "The language model gave no clear answer."),
        (ms.hangs_up, "The language model could not be reached."),
    ],
    ids=["silent", "500", "429", "two levels", "html", "hung up"],
)
def test_otherwise_the_heuristic_answers_and_says_why(behaviour: Behaviour, reason: str, settings: Settings) -> None:
    with model(behaviour, settings, timeout_ms=300 if behaviour is ms.stays_silent else int(PATIENCE * 1000)):
        body = ask(ApiClient(associate()))
    assert (body["severity"], body["source"], body["model"]) == ("MEDIUM", "HEURISTIC", None)
    assert body["reasons"] == [reason, WITHOUT_SIGNAL]


def test_equal_texts_are_not_asked_twice(settings: Settings) -> None:
    client = ApiClient(associate())
    with model(ms.says("HIGH"), settings) as server:
        first = ask(client, "Blue", "Green\nYellow")
        again = ask(ApiClient(associate()), " Blue ", "Green\r\nYellow")
        ask(client, "Blue", "Green")
        assert len(server.requests) == 2
    assert first == again
    assert list(Suggestion.objects.order_by("created_at").values_list("repeated", flat=True)) == [False, True, False]


def test_another_model_is_asked_anew(settings: Settings) -> None:
    client = ApiClient(associate())
    with model(ms.says("HIGH"), settings) as server:
        ask(client)
        settings.OPENAI_MODEL = "another"
        assert ask(client)["model"] == "another"
        assert len(server.requests) == 2


def test_a_failure_is_no_answer_to_remember(settings: Settings) -> None:
    answers = iter([ms.hangs_up, ms.says("HIGH")])
    with model(lambda server, client: next(answers)(server, client), settings):
        client = ApiClient(associate())
        assert [ask(client)["source"], ask(client)["source"]] == ["HEURISTIC", "LLM"]


# Left alone after failures.


def test_after_five_failures_in_a_row_nobody_asks(settings: Settings) -> None:
    client = ApiClient(associate())
    with model(ms.hangs_up, settings) as server:
        bodies = [ask(client, f"Ticket {number}") for number in range(8)]
        assert len(server.requests) == 5
    assert bodies[-1]["reasons"][0] == "The language model has failed several times and is left alone for a moment."
    assert list(Suggestion.objects.values_list("fallback", flat=True)).count("resting") == 3


def test_a_success_forgets_the_failures(settings: Settings) -> None:
    answers = iter([ms.hangs_up] * 4 + [ms.says("LOW")] + [ms.hangs_up] * 5)
    client = ApiClient(associate())
    with model(lambda server, connected: next(answers)(server, connected), settings) as server:
        for number in range(12):
            ask(client, f"Ticket {number}")
        assert len(server.requests) == 10


def test_rests_last_thirty_seconds_and_then_never_over_sixty() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(5):
            assert breaker.may_ask("http://x")
            breaker.record("http://x", Failure.TIMEOUT)
        rests = []
        for _ in range(4):
            began = datetime.now(UTC)
            assert not breaker.may_ask("http://x")
            while not breaker.may_ask("http://x"):
                clock.shift(timedelta(seconds=1))
            rests.append((datetime.now(UTC) - began).total_seconds())
            breaker.record("http://x", Failure.TIMEOUT)
    assert rests == [30, 60, 60, 60]


def test_when_a_rest_ends_one_tries_and_the_others_wait_for_its_result() -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as clock:
        for _ in range(5):
            breaker.record("http://x", Failure.TIMEOUT)
        clock.shift(timedelta(seconds=31))
        assert [breaker.may_ask("http://x") for _ in range(3)] == [True, False, False]
        breaker.record("http://x", Severity.LOW)
        assert [breaker.may_ask("http://x") for _ in range(3)] == [True, True, True]


def test_a_clock_that_was_set_back_makes_no_rest_longer() -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        for _ in range(5):
            breaker.record("http://x", Failure.TIMEOUT)
    with time_machine.travel(datetime(2026, 3, 1, 11, tzinfo=UTC), tick=False):
        assert [breaker.may_ask("http://x") for _ in range(2)] == [True, False]


@pytest.mark.parametrize("outcome", [Failure.BUSY, Failure.RESTING])
def test_not_having_asked_is_no_failure(outcome: Failure) -> None:
    breaker.record("http://x", outcome)
    assert count_failures() == 0


def test_each_server_has_its_own_record() -> None:
    for _ in range(5):
        breaker.record("http://x", Failure.TIMEOUT)
    assert not breaker.may_ask("http://x")
    assert breaker.may_ask("http://y")


@pytest.mark.django_db(transaction=True)
def test_all_workers_share_the_record(settings: Settings) -> None:
    """Workers here are threads with their own database connections."""
    user = associate()

    def work(number: int) -> None:
        ask(ApiClient(user), f"Ticket {number}")
        connections.close_all()

    with model(ms.hangs_up, settings) as server:
        for number in range(7):
            worker = threading.Thread(target=work, args=(number,))
            worker.start()
            worker.join()
        assert len(server.requests) == 5


def test_who_asks_what_another_worker_is_asking_waits_for_its_answer(settings: Settings) -> None:
    with model(ms.says("HIGH"), settings) as server:
        call = chat.configured_call()
        assert call is not None
        key = single_flight.key_of(call, ledger.text_hash("Blue", "Green"))
        assert single_flight.begin(key, 60)
        assert not single_flight.begin(key, 60)
        ends_at = datetime.now(UTC) + timedelta(seconds=0.2)
        CallInProgress.objects.update(ends_at=ends_at)
        assert ask(ApiClient(associate()))["source"] == "LLM"  # the other was not heard of again
        assert datetime.now(UTC) >= ends_at
        assert len(server.requests) == 1
    assert not CallInProgress.objects.exists()


def test_nobody_waits_longer_than_the_deadline(settings: Settings) -> None:
    with model(ms.says("HIGH"), settings, timeout_ms=300) as server:
        call = chat.configured_call()
        assert call is not None
        assert single_flight.begin(single_flight.key_of(call, ledger.text_hash("Blue", "Green")), 60)
        with own_seconds() as took:
            body = ask(ApiClient(associate()))
        assert not server.requests
    assert body["reasons"][0] == "The language model gave no answer within 0.3 s."
    assert took() < 2
    assert count_failures() == 0


def test_what_a_dead_worker_left_behind_is_taken_away() -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC)):
        assert single_flight.begin("a" * 64, 2.5)
        assert single_flight.begin("b" * 64, 2.5)
    assert single_flight.begin("a" * 64, 2.5)
    single_flight.end("a" * 64)
    assert not CallInProgress.objects.exists()


# What it costs.


def test_queries_are_few_and_always_the_same(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = ApiClient(associate())
    with django_assert_num_queries(1 + 3):  # who asks; the ledger's savepoint, insert and release
        ask(client, "One")
    with model(ms.says("HIGH"), settings):
        # And what is known, the model's state, whose turn it is, what is known by then, how often one has asked,
        # failures, the turn's end.
        with django_assert_num_queries(1 + 2 + 4 + 1 + 3 + 2 + 3):
            ask(client, "Two")
        with django_assert_num_queries(1 + 1 + 3):  # and what is known
            ask(client, "Two")
    with model(ms.hangs_up, settings):
        for number in range(5):
            ask(client, f"Failure {number}")
        with django_assert_num_queries(1 + 2 + 3):  # and what is known, the model's state
            ask(client, "Resting")


# The ledger.


def test_the_ledger_has_what_was_asked_and_answered(settings: Settings) -> None:
    user = associate()
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC), tick=False):
        ask(ApiClient(user), **TICKET)
        with model(ms.says("HIGH"), settings) as server:
            ask(ApiClient(user), **TICKET)
    heuristic, model_s = Suggestion.objects.order_by("source")
    assert heuristic.created_at == datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
    assert heuristic.text_hash == model_s.text_hash == ledger.text_hash(**TICKET)
    assert len(heuristic.text_hash) == 64
    assert (heuristic.asked_by, heuristic.severity, heuristic.source) == (user, "VERY_HIGH", "HEURISTIC")
    assert (heuristic.model, heuristic.server, heuristic.prompt_version, heuristic.fallback) == (None, None, None, None)
    assert heuristic.reasons[0] == "Raises it: a service is down or cannot be reached."
    assert (model_s.severity, model_s.source, model_s.model) == ("HIGH", "LLM", "test-model")
    assert (model_s.server, model_s.prompt_version) == (server.base_url, "1")
    assert 0 <= model_s.latency_ms < PATIENCE * 1000


def test_the_text_itself_is_not_kept() -> None:
    ask(ApiClient(associate()), "A secret title", "and a secret description")
    (row,) = Suggestion.objects.values()
    assert "secret" not in str(row)


@pytest.mark.django_db(transaction=True)
def test_a_ledger_that_cannot_be_written_costs_neither_answer_nor_time() -> None:
    lock = "BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN; LOCK TABLE triage_suggestion IN SHARE MODE"
    client = ApiClient(associate())
    ask(client, "Warm")
    locked, release = threading.Event(), threading.Event()

    def hold_the_write_lock() -> None:
        with connection.cursor() as cursor:
            cursor.execute(lock)
            locked.set()
            release.wait(PATIENCE)
            cursor.execute("ROLLBACK")
        connections.close_all()

    holder = threading.Thread(target=hold_the_write_lock)
    holder.start()
    assert locked.wait(PATIENCE)
    try:
        with own_seconds() as took:
            assert ask(client)["severity"] == "MEDIUM"
    finally:
        release.set()
        holder.join()
    assert took() < 2  # less than the product waits for other locks
    assert Suggestion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_how_long_others_wait_for_locks_is_unchanged() -> None:
    setting = "PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SHOW lock_timeout"
    with connection.cursor() as cursor:
        before = cursor.execute(setting).fetchone()
        ask(ApiClient(manager()))
        assert cursor.execute(setting).fetchone() == before


def test_answers_belong_to_their_own_text(settings: Settings) -> None:
    def echoes(server: ModelServer, client: socket.socket) -> None:
        level = "HIGH" if b"Title: High" in server.requests[-1] else "LOW"
        ms.says(level)(server, client)

    with model(echoes, settings):
        client = ApiClient(associate())
        assert [ask(client, "High")["severity"], ask(client, "Low")["severity"]] == ["HIGH", "LOW"]
