"""Operators are mailed when the nightly cycle begins to fail, once a day while it does, and when it works again."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F
from django.test import override_settings
from pytest_httpserver import HTTPServer

from config import env
from csvsync.errors import ProcessorFailed
from csvsync.exchange import notices
from csvsync.exchange.cycle import run_cycle
from csvsync.models import Trouble
from tests.support import factories
from tests.support.fakes.smtp import IN_MEMORY, mail_server
from tests.support.patience import PATIENCE
from tests.support.programs import run_nightly
from tests.support.server import free_port

pytestmark = pytest.mark.django_db

FAILED, WORKS = "The nightly exchange has failed", "The nightly exchange works again"


@pytest.fixture(autouse=True)
def _mailed(settings: Any) -> None:
    settings.MAILERS = IN_MEMORY
    settings.PUBLIC_URL = "https://desk.example.com"
    settings.OPERATIONS_MAIL = ["ops@example.com", "night@example.com"]


@pytest.fixture
def broken(settings: Any, httpserver: HTTPServer) -> None:
    """The external system answers 500 to whatever it is sent."""
    httpserver.expect_request("/").respond_with_data("", status=500)
    settings.CSV_PROCESSOR = httpserver.url_for("/")
    factories.ticket("PENDING")


def fail() -> None:
    with pytest.raises(ProcessorFailed):
        run_cycle(None)


def work() -> None:
    with override_settings(CSV_PROCESSOR="simulated"):
        run_cycle(None)


def pass_by(time: timedelta) -> None:
    """Make what has happened so far lie so much longer ago, as the database sees it."""
    Trouble.objects.update(began_at=F("began_at") - time, told_at=F("told_at") - time)


def letters() -> list[tuple[str, str]]:
    return [(str(letter.subject), letter.to[0]) for letter in mail.outbox]


def subjects() -> list[str]:
    """Those that one of them got."""
    return [subject for subject, to in letters() if to == "ops@example.com"]


@pytest.mark.usefixtures("broken")
def test_operations_are_mailed_by_themselves_and_no_manager_is(settings: Any) -> None:
    settings.CRON_FAILURE_MAIL = True
    fail()
    assert letters() == [(FAILED, "ops@example.com"), (FAILED, "night@example.com")]
    assert {len(letter.recipients()) for letter in mail.outbox} == {1}
    assert "it answered with status 500" in mail.outbox[0].body
    assert "https://desk.example.com/desk/exchange/" in mail.outbox[0].body
    assert f"{datetime.now(UTC):%Y-%m-%d} " in mail.outbox[0].body


@pytest.mark.usefixtures("broken")
def test_however_often_it_is_tried_there_is_one_mail_a_day_and_one_when_it_works_again() -> None:
    for _night in range(3):
        fail()
        for _try in range(12):
            pass_by(timedelta(minutes=5))
            notices.failed(OSError("as the command would"))
        pass_by(timedelta(hours=23))
    assert subjects() == [FAILED] * 3
    work()
    assert subjects() == [FAILED] * 3 + [WORKS]
    began = datetime.now(UTC) - timedelta(days=3)
    assert f"It had failed since {began:%Y-%m-%d}" in mail.outbox[-1].body
    work()
    assert subjects() == [FAILED] * 3 + [WORKS]
    factories.ticket("PENDING")
    fail()
    assert subjects()[4:] == [FAILED], "the next failure is a new one"


@pytest.mark.usefixtures("broken")
def test_a_job_that_comes_once_a_night_mails_every_night_although_it_comes_a_little_early() -> None:
    for _night in range(3):
        fail()
        pass_by(timedelta(hours=23, minutes=50))
    assert subjects() == [FAILED] * 3


def test_the_clock_is_that_of_the_database() -> None:
    for ahead in (timedelta(0), timedelta(days=3), timedelta(days=-3)):
        with time_machine.travel(datetime.now(UTC) + ahead):
            notices.failed(OSError("no"))
    assert subjects() == [FAILED]


@pytest.mark.usefixtures("broken")
def test_what_a_person_runs_begins_and_ends_nothing() -> None:
    with pytest.raises(ProcessorFailed):
        run_cycle(factories.manager())
    assert letters() == []
    fail()
    with override_settings(CSV_PROCESSOR="simulated"):
        run_cycle(factories.manager())
    assert subjects() == [FAILED]
    work()
    assert subjects() == [FAILED, WORKS]


@pytest.mark.usefixtures("broken")
def test_without_addresses_cron_failure_mail_decides(settings: Any) -> None:
    settings.OPERATIONS_MAIL = []
    factories.manager(email="mia@example.com")
    fail()
    work()
    assert letters() == []
    settings.CRON_FAILURE_MAIL = True
    for _try in range(5):
        notices.failed(OSError("no"))
    assert [subject for subject, to in letters() if to == "mia@example.com"] == [FAILED]


def test_a_mail_that_reached_nobody_is_sent_by_the_next_try(settings: Any) -> None:
    working = settings.MAILERS
    nowhere = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 9}}
    settings.MAILERS = {"default": nowhere}
    for _try in range(2):
        notices.failed(OSError("no"))
    settings.MAILERS = working
    for _try in range(2):
        notices.failed(OSError("no"))
    assert subjects() == [FAILED]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("notice", "subject"), [(notices.failed, FAILED), (notices.succeeded, WORKS)])
def test_of_tries_that_end_at_once_one_mails(notice: Callable[[Any], None], subject: str) -> None:
    """The tries are like those of several machines; the later ones find that it has been mailed."""
    if subject == WORKS:
        notices.failed(OSError("no"))
        mail.outbox.clear()
    start = Barrier(8)

    def end(_number: int) -> None:
        try:
            start.wait(PATIENCE)
            notice(OSError("no") if subject == FAILED else "3 exported")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(end, range(8)))
    assert subjects() == [subject]


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_started_again_and_again_mails_once(database_url: str) -> None:
    """Each start is a process of its own, as with the documented unit."""
    factories.ticket("PENDING")
    operations, nowhere = "ops@example.com, night@example.com", f"http://127.0.0.1:{free_port()}/"
    with mail_server() as (address, taken):

        def run(processor: str) -> int:
            variables = {"CSV_PROCESSOR": processor, "CSV_PROCESSOR_TIMEOUT": "1s"}
            variables |= {"EMAIL_URL": address, "OPERATIONS_MAIL": operations}
            return run_nightly(database_url, stderr=subprocess.PIPE, **variables).returncode

        codes = [run(processor) for processor in (nowhere, nowhere, "simulated", "simulated")]
    assert codes == [1, 1, 0, 0]
    told = [(to, mail["Subject"]) for to, mail in taken]
    assert told == [(to, subject) for subject in (FAILED, WORKS) for to in ("ops@example.com", "night@example.com")]


@pytest.mark.parametrize("value", ["ops", "ops@example.com, night", "Ops <ops@example.com>"])
def test_a_bad_address_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OPERATIONS_MAIL", value)
    with pytest.raises(ImproperlyConfigured, match="OPERATIONS_MAIL"):
        env.mail_addresses("OPERATIONS_MAIL")


def test_addresses_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATIONS_MAIL", "ops@example.com, night@example.com,")
    assert env.mail_addresses("OPERATIONS_MAIL") == ["ops@example.com", "night@example.com"]
