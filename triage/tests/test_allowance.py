"""OPENAI_CALLS_PER_MINUTE: how often one person may have the language model asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.db import DatabaseError
from pytest_django import Settings

from accounts.limits import counting
from accounts.models import RateCounter, User
from config import settings as configured
from tests.support.client import ApiClient
from tests.support.factories import associate
from tests.support.fakes import model_server as ms
from tests.support.fakes.model_server import ModelServer, model_server
from tests.support.pages import Desk, words
from tests.support.patience import PATIENCE
from triage.llm import chat
from triage.models import Breaker, CallInProgress, Suggestion

PATH = "/ai/severity-suggestion"
REASON = "You have had the language model asked very often within a minute; it is yours again soon."

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    from triage.llm import transport  # not at the top, where each process that collects tests would load it

    transport.load()


@contextmanager
def model(settings: Settings, limit: int) -> Iterator[ModelServer]:
    with model_server(ms.says("HIGH")) as server:
        settings.OPENAI_API_KEY, settings.OPENAI_MODEL, settings.OPENAI_BASE_URL = "sk-test", "m", server.base_url
        settings.OPENAI_TIMEOUT_MS, settings.OPENAI_CALLS_PER_MINUTE = int(PATIENCE * 1000), limit
        yield server


def sources(user: User, titles: list[str]) -> list[str]:
    answers = [ApiClient(user).post(PATH, {"title": title, "description": "x"}) for title in titles]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json()["source"] for answer in answers]


def test_the_default_is_120() -> None:
    assert configured.OPENAI_CALLS_PER_MINUTE == 120


def test_past_it_the_heuristic_answers_and_says_why(settings: Settings) -> None:
    ana = associate()
    with model(settings, 3) as server, time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        assert sources(ana, [f"Ticket {number}" for number in range(6)]) == ["LLM"] * 3 + ["HEURISTIC"] * 3
        assert len(server.requests) == 3
        assert sources(associate(), ["Of somebody else"]) == ["LLM"]
        clock.shift(61)
        assert sources(ana, ["A minute later"]) == ["LLM"]
    last = Suggestion.objects.filter(fallback="limited")
    assert last.count() == 3
    assert last[0].reasons[0] == REASON
    assert not Breaker.objects.filter(failures__gt=0).exists(), "the model has not failed"
    assert not CallInProgress.objects.exists(), "others may ask about the same text"


def test_what_is_known_already_costs_nothing(settings: Settings) -> None:
    ana = associate()
    with model(settings, 2) as server:
        assert sources(ana, ["Same"] * 5 + ["Other", "Third"]) == ["LLM"] * 6 + ["HEURISTIC"]
        assert len(server.requests) == 2


def test_a_call_that_is_not_made_costs_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = associate()
    with model(settings, 2):
        with monkeypatch.context() as full:
            full.setattr(chat, "MAX_IN_FLIGHT", 0)
            assert sources(ana, ["One", "Two", "Three"]) == ["HEURISTIC"] * 3
        assert RateCounter.objects.get().count == 0
        assert sources(ana, ["Four", "Five", "Six"]) == ["LLM", "LLM", "HEURISTIC"]


def test_the_page_beside_a_ticket_says_it_as_well(settings: Settings) -> None:
    desk = Desk(associate())
    with model(settings, 1):
        pages = [desk.post("/desk/triage/suggestion/", {"title": f"Ticket {n}", "description": "x"}) for n in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert REASON in words(pages[1])


def test_what_cannot_be_counted_is_not_asked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*arguments: object, **more: object) -> None:
        raise DatabaseError("database is locked")

    monkeypatch.setattr(counting, "take", busy)
    with model(settings, 2) as server:
        assert sources(associate(), ["One"]) == ["HEURISTIC"]
        assert server.requests == []
