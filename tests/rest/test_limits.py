"""REQUESTS_PER_MINUTE: how often one person may ask, by API and pages together, and what they are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.limits import requests as limit_of_requests
from accounts.limits.counting import take
from accounts.models import RateCounter, User
from tests.support.client import ApiClient, assert_error, sign_in
from tests.support.factories import PASSWORD, associate, manager, ticket
from tests.support.pages import Desk, words

pytestmark = pytest.mark.django_db

REQUESTS = RateCounter.What.REQUESTS
NAMES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def told(answer: Any) -> tuple[str | None, ...]:
    return tuple(answer.headers.get(name) for name in NAMES)


def test_it_is_off_unless_it_is_set(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = ApiClient(associate())
    with django_assert_num_queries(1):  # the person
        answer = client.get("/auth/me")
    assert (answer.status_code, told(answer)) == (200, (None, None, None))
    assert not RateCounter.objects.exists()


def test_each_answer_tells_what_is_left_and_the_next_is_refused(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = 2
    user = associate()
    client, found = ApiClient(user), ticket(author=user)
    with time_machine.travel("2026-03-01T12:00:30Z", tick=False) as clock:
        client = ApiClient(user)
        assert told(client.get("/auth/me")) == ("2", "1", "60")
        clock.shift(10)
        assert told(client.get("/tickets/unknown")) == ("2", "0", "50")
        refused = client.delete(f"/tickets/{found.pk}")
        assert_error(refused, 429, "too_many_requests")
        assert refused.json()["message"] == (
            "One person may send 2 requests a minute. Nothing was changed; try again in 50 seconds."
        )
        assert (*told(refused), refused.headers["Retry-After"]) == ("2", "0", "50", "50")
        found.refresh_from_db()
        assert found.deleted_at is None
        assert ApiClient(associate()).get("/auth/me").status_code == 200, "others are others"
        clock.shift(50)
        assert told(client.get("/auth/me")) == ("2", "1", "60")


def test_pages_count_with_the_api_and_say_it_to_people(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = 3
    user = associate(password=PASSWORD)
    desk = Desk(user)
    assert told(desk.get("/desk/tickets/"))[:2] == ("3", "2")
    assert told(ApiClient(user).get("/tickets"))[:2] == ("3", "1")
    assert told(desk.get("/desk/inbox/count/"))[:2] == ("3", "0")
    refused = desk.post("/desk/tickets/new/", {"title": "x"})
    assert refused.status_code == 429
    assert "Too many requests within a minute" in words(refused)
    assert "One person may send 3 requests a minute. Nothing was changed; try again in" in words(refused)
    assert "What you typed is still in the form if you go back." in words(refused)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert desk.post("/desk/logout/").status_code == 302, "nobody is kept from leaving"


def test_the_admin_counts_as_well(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = 1
    desk = Desk(associate(is_staff=True))
    assert [desk.get("/admin/").status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/csv/export/pending"),
        ("GET", "/csv/export"),
        ("POST", "/csv/auto-process"),
        ("POST", "/csv/import"),
        ("GET", "/csv/runs"),
        ("GET", "/csv/runs/x"),
        ("POST", "/csv/runs/x/apply"),
        ("GET", "/csv/runs/x/errors"),
        ("GET", "/csv/runs/x/file"),
        ("GET", "/csv/runs/x/unreturned"),
        ("GET", "/desk/exchange/"),
        ("GET", "/desk/tickets/download/"),
    ],
)
def test_csv_and_the_cycle_are_exempt(method: str, path: str, settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = 1
    boss = manager()
    client = Desk(boss).client if path.startswith("/desk/") else ApiClient(boss)
    send = client.generic if isinstance(client, Client) else client.send
    for _ in range(3):
        answer = send(method, path)
        answer.getvalue()
        assert (answer.status_code in (200, 400, 404, 415), told(answer)) == (True, (None, None, None))
    assert not RateCounter.objects.exists()


@pytest.mark.parametrize("path", ["/automation/run-now", "/automation/nightly"])
def test_cycles_are_exempt(path: str, settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE, settings.CRON_SECRET = 1, "x" * 40
    headers = {"x-cron-secret": settings.CRON_SECRET}
    client = ApiClient(manager())
    answers = [client.send("GET", path, headers=headers) for _ in range(3)]  # known, and carries out nothing
    assert [answer.status_code for answer in answers] == [405] * 3
    assert not RateCounter.objects.exists()


def test_strangers_and_signing_in_are_not_counted(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = 1
    user = associate(email="ana@example.com", password=PASSWORD)
    for answer in (ApiClient().get("/auth/me"), Desk().get("/desk/tickets/"), sign_in(user.email)):
        assert told(answer) == (None, None, None)
    assert not RateCounter.objects.exists()


def test_a_database_that_cannot_count_refuses_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REQUESTS_PER_MINUTE = 1

    def standby(person: User, what: RateCounter.What, **more: Any) -> Any:
        raise DatabaseError("cannot execute INSERT in a read-only transaction")

    monkeypatch.setattr(limit_of_requests, "take", standby)
    client = ApiClient(associate())
    assert [client.get("/auth/me").status_code for _ in range(3)] == [200, 200, 200]
    assert "was not counted: cannot execute INSERT" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_of_those_at_once_none_is_lost() -> None:
    user = associate()

    def one(_number: int) -> int:
        try:
            return take(user, REQUESTS, wait_ms=20_000).count
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(one, range(80)))
    assert counts == list(range(1, 81))


def test_one_row_for_each_person_whatever_comes(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user, other = associate(), associate()
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        for expected in (1, 2, 3):
            assert take(user, REQUESTS, wait_ms=100).count == expected
        clock.shift(-2)  # a statement that has read the clock before another did, and came after it
        assert take(user, REQUESTS, wait_ms=100).count == 4
        clock.shift(3600)
        assert take(user, REQUESTS, wait_ms=100).count == 1
        assert take(other, REQUESTS, wait_ms=100).count == 1
    assert RateCounter.objects.count() == 2
    statements = 1 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(2 + statements + (0 if connection.vendor == "postgresql" else 1)):
        take(user, REQUESTS, wait_ms=100)  # in the savepoint of this test
