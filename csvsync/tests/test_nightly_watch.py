"""Whoever starts the nightly cycle may call again, and whoever watches over it learns how it went."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import override_settings

from csvsync.errors import ProcessorFailed
from csvsync.exchange.cycle import run_cycle
from csvsync.models import Run
from csvsync.runs.ledger import begin_cycle, key_of_cycle
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import status_of
from tests.support.fakes.external_system import ExternalSystem, answers, external_system, hangs_up
from tests.support.fakes.smtp import IN_MEMORY

pytestmark = pytest.mark.django_db

SECRET = "a secret of more than thirty-two characters"
BROKEN = "http://127.0.0.1:9/"  # nobody listens there


def nightly(key: str | None = None) -> Any:
    headers = {"x-cron-secret": SECRET} | ({"Idempotency-Key": key} if key is not None else {})
    with override_settings(CRON_SECRET=SECRET):
        return ApiClient().post("/automation/nightly", headers=headers)


@pytest.fixture
def broken_processor() -> Any:
    with external_system(answers(b"", 500)) as system, override_settings(CSV_PROCESSOR=system.url):
        yield


# --- Idempotency-Key -------------------------------------------------------------------------------------------------


def test_a_repeated_key_gets_the_first_runs_answer_and_starts_none() -> None:
    for _ in range(9):
        factories.ticket("PENDING")
    first = nightly("2026-11-24")
    assert first.status_code == 201
    assert first.json()["exportedCount"] == 9
    again = nightly(" 2026-11-24 ")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Run.objects.filter(kind="CYCLE").count() == 1
    other = nightly("2026-11-25")
    assert other.json()["exportedCount"] == 3
    assert nightly("2026-11-24").json() == first.json()


@pytest.mark.parametrize("key", [None, "", "  "])
def test_without_a_key_each_call_is_a_cycle(key: str | None) -> None:
    assert [nightly(key).status_code for _ in range(2)] == [201, 201]
    assert Run.objects.filter(kind="CYCLE").count() == 2


def test_a_repeated_key_of_a_failed_cycle_runs_it_again(broken_processor: None) -> None:
    ticket = factories.ticket("PENDING")
    assert nightly("night").status_code == 502
    with override_settings(CSV_PROCESSOR="simulated"):
        assert nightly("night").json()["exportedCount"] == 1
    assert status_of(ticket) == "CLOSED"


def test_a_repeated_key_of_a_running_cycle_is_refused_with_its_run() -> None:
    run = begin_cycle(None, key_of_cycle("night"))
    response = nightly("night")
    assert (response.status_code, response.json()["code"]) == (409, "cycle_running")
    assert response.json()["fields"] == {"run": [str(run.pk)]}


@pytest.mark.parametrize("key", ["x" * 256, "a\tb", "a\x7fb"])
def test_a_key_that_cannot_be_kept_is_refused(key: str) -> None:
    assert set(assert_error(nightly(key), 400, "invalid_input")["fields"]) == {"Idempotency-Key"}
    assert not Run.objects.exists()


# --- Notices ---------------------------------------------------------------------------------------------------------


def pings(system: ExternalSystem) -> list[tuple[str, str]]:
    return [(received.path, received.body.decode()) for received in system.received]


def test_the_ping_url_is_told_of_start_and_success() -> None:
    for _ in range(3):
        factories.ticket("PENDING")
    with external_system(answers(b"OK")) as system, override_settings(CRON_PING_URL=system.url):
        run_cycle(None)
    assert pings(system) == [("/decide/start", ""), ("/decide", "3 exported, 2 updated, 0 errors")]


def test_the_ping_url_is_told_of_a_failure(broken_processor: None) -> None:
    factories.ticket("PENDING")
    with (
        external_system(answers(b"OK")) as system,
        override_settings(CRON_PING_URL=system.url),
        pytest.raises(ProcessorFailed),
    ):
        run_cycle(None)
    (start, _), (fail, text) = pings(system)
    assert (start, fail) == ("/decide/start", "/decide/fail")
    assert "it answered with status 500" in text


def test_a_cycle_that_a_person_runs_or_that_is_refused_pings_nobody() -> None:
    with external_system(answers(b"OK")) as system, override_settings(CRON_PING_URL=system.url):
        run_cycle(factories.manager())
        begin_cycle(None)
        assert nightly().status_code == 409
    assert pings(system) == []


@pytest.mark.parametrize("fault", [hangs_up, answers(b"", 500), answers(b"", 302, Location=BROKEN)], ids=range(3))
def test_a_ping_that_fails_harms_nothing(fault: Any) -> None:
    ticket = factories.ticket("PENDING")
    with external_system(fault) as system, override_settings(CRON_PING_URL=system.url):
        run_cycle(None)
    assert status_of(ticket) == "CLOSED"


MAILED = override_settings(
    CRON_FAILURE_MAIL=True,
    MAILERS=IN_MEMORY,
    PUBLIC_URL="https://desk.example.com",
)


@MAILED
def test_managers_are_mailed_why_it_failed(broken_processor: None) -> None:
    factories.manager(email="mia@example.com")
    factories.manager(email="max@example.com")
    factories.manager(email="gone@example.com", is_active=False)
    factories.ticket("PENDING", reviewer=factories.manager(email="mel@example.com"))
    assert nightly().status_code == 502
    assert sorted(letter.to[0] for letter in mail.outbox) == ["max@example.com", "mel@example.com", "mia@example.com"]
    assert {len(letter.to) for letter in mail.outbox} == {1}
    assert "it answered with status 500" in mail.outbox[0].body
    assert "https://desk.example.com/desk/exchange/" in mail.outbox[0].body


@MAILED
def test_nobody_is_mailed_about_success_or_about_what_a_person_runs(broken_processor: None) -> None:
    with pytest.raises(ProcessorFailed):
        factories.ticket("PENDING")
        run_cycle(factories.manager())
    with override_settings(CSV_PROCESSOR="simulated"):
        run_cycle(None)
    assert mail.outbox == []


def test_mail_that_fails_does_not_hide_why_the_cycle_failed(broken_processor: None) -> None:
    factories.ticket("PENDING")
    nowhere = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 9}}
    with (
        override_settings(CRON_FAILURE_MAIL=True, MAILERS={"default": nowhere}),
        pytest.raises(ProcessorFailed, match="status 500"),
    ):
        run_cycle(None)
    assert Run.objects.get(kind="CYCLE").state == "FAILED"


# --- Probes ----------------------------------------------------------------------------------------------------------


def test_readyz_tells_when_a_cycle_was_last_done(broken_processor: None) -> None:
    def told() -> Any:
        return ApiClient().get("/readyz").json()["lastSuccessfulCycle"]

    assert told() is None
    with override_settings(CSV_PROCESSOR="simulated"):
        result = run_cycle(None)
    at = f"{result.finished_at:%Y-%m-%dT%H:%M:%S}.{result.finished_at.microsecond // 1000:03d}Z"
    assert told() == at
    factories.ticket("PENDING")
    with pytest.raises(ProcessorFailed):
        run_cycle(None)
    assert told() == at
