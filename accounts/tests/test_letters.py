"""Mails about one's account: how many, to whom, and that nobody waits for them."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from accounts import letters
from accounts.models import Letter
from config import clock
from tests.support.factories import PASSWORD, associate
from tests.support.fakes.smtp import IN_MEMORY, mail_server
from tests.support.pages import Desk, words
from tests.support.patience import PATIENCE, wait_until
from tests.support.server import ROOT, running_server, server_environment

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "If we know this e-mail, a link is on its way."


@pytest.fixture(autouse=True)
def mail(settings: Settings) -> Iterator[None]:
    settings.HAS_MAIL = True
    settings.MAILERS = IN_MEMORY
    yield
    assert letters.sender.rest(PATIENCE)


def ask(email: str, **environ: Any) -> None:
    answer = Client().post("/desk/password/", {"email": email}, follow=True, **environ)
    assert answer.status_code == 200
    assert SAID in words(answer)


def sent(mailoutbox: list[Any]) -> list[str]:
    assert letters.sender.rest(PATIENCE)
    return [letter.to[0] for letter in mailoutbox]


def test_a_link_is_mailed_and_works(mailoutbox: list[Any]) -> None:
    associate(email="ana@example.com", password=PASSWORD)
    ask("Ana@Example.com")
    assert sent(mailoutbox) == ["ana@example.com"]
    link = re.search(r"http://localhost:8080(/desk/password/\S+)", mailoutbox[0].body)
    assert link is not None
    assert "New password" in Client().get(link[1], follow=True).content.decode()


@pytest.mark.parametrize("email", ["unknown@example.com", "gone@example.com", "unset@example.com"])
def test_who_cannot_sign_in_gets_none_and_the_page_is_the_same(email: str, mailoutbox: list[Any]) -> None:
    associate(email="gone@example.com", password=PASSWORD, is_active=False)
    associate(email="unset@example.com")
    ask(email)
    assert sent(mailoutbox) == []
    assert Letter.objects.get().sent_at is not None


def test_of_60_requests_for_one_email_three_are_sent_in_an_hour(mailoutbox: list[Any]) -> None:
    associate(email="ana@example.com", password=PASSWORD)
    for number in range(60):
        ask("ana@example.com", REMOTE_ADDR=f"192.0.2.{number % 7}")
    assert sent(mailoutbox) == ["ana@example.com"] * 3
    Letter.objects.update(created_at=F("created_at") - timedelta(minutes=61))
    ask("ana@example.com")
    assert len(sent(mailoutbox)) == 4


def test_60_requests_at_once_send_three(mailoutbox: list[Any]) -> None:
    associate(email="ana@example.com", password=PASSWORD)

    def one() -> None:
        try:
            letters.ask_for_link("ana@example.com", "192.0.2.1")
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sent(mailoutbox) == ["ana@example.com"] * 3


def test_one_address_has_100_links_sent_in_an_hour(settings: Settings) -> None:
    settings.LINKS_PER_ADDRESS = 5
    for number in range(8):
        ask(f"nobody-{number}@example.com", REMOTE_ADDR="192.0.2.1")
    ask("somebody@example.com", REMOTE_ADDR="192.0.2.2")
    assert Letter.objects.count() == 6
    assert letters.sender.rest(PATIENCE)


def test_one_customer_of_ipv6_is_one_address(settings: Settings) -> None:
    settings.LINKS_PER_ADDRESS = 5
    for number in range(8):
        ask(f"nobody-{number}@example.com", REMOTE_ADDR=f"2001:db8:0:1::{number}")
    ask("somebody@example.com", REMOTE_ADDR="2001:db8:0:2::1")
    assert Letter.objects.count() == 6


def test_known_and_unknown_emails_are_told_by_nothing_but_the_mail() -> None:
    """The same statements in the same order: the person is looked up by whoever sends."""
    associate(email="known@example.com", password=PASSWORD)
    asked: dict[str, list[str]] = {}
    for email in ("known@example.com", "unknown@example.com"):
        asked[email] = []

        def note(execute: Any, sql: str, *rest: Any, email: str = email) -> Any:
            asked[email].append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            ask(email)
        assert letters.sender.rest(PATIENCE)
    assert asked["known@example.com"] == asked["unknown@example.com"]
    assert not any("accounts_user" in sql for sql in asked["known@example.com"])


def test_a_mail_server_that_is_silent_stops_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes connections and never says a word; the mail is sent once one answers."""
    monkeypatch.setattr(letters, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(letters, "CLAIM", timedelta(0))
    associate(email="ana@example.com", password=PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = {"host": "127.0.0.1", "port": silent.getsockname()[1], "timeout": 1}
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
        for number in range(20):
            ask(f"{number}@example.com")
        ask("ana@example.com")
        assert Desk().get("/desk/login/").status_code == 200
        assert threading.active_count() < 20
    settings.MAILERS = IN_MEMORY
    assert letters.sender.rest(PATIENCE)
    assert not Letter.objects.filter(sent_at=None).exists()


class Fastidious(EmailBackend):
    """There are mails that it cannot write."""

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == ["odd@example.com"]:
            raise ValueError("on purpose")
        return super().send_messages(messages)


def test_a_letter_that_cannot_be_written_stops_no_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    monkeypatch.setattr(letters, "RETRY_SECONDS", 0.1)
    settings.MAILERS = {"default": {"BACKEND": "accounts.tests.test_letters.Fastidious"}}
    for email in ("odd@example.com", "ana@example.com", "ben@example.com"):
        associate(email=email, password=PASSWORD)
        ask(email)
    wait_until(lambda: len(mailoutbox) == 2)
    Letter.objects.filter(email="odd@example.com").delete()
    assert sorted(sent(mailoutbox)) == ["ana@example.com", "ben@example.com"]


class Choosy(EmailBackend):
    """Takes no mail for ana."""

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == ["ana@example.com"]:
            raise SMTPRecipientsRefused({"ana@example.com": (550, b"no such mailbox")})
        return super().send_messages(messages)


def test_a_mailbox_that_is_refused_holds_up_no_other(settings: Settings, mailoutbox: list[Any]) -> None:
    settings.MAILERS = {"default": {"BACKEND": "accounts.tests.test_letters.Choosy"}}
    for email in ("ana@example.com", "ben@example.com", "cleo@example.com"):
        Letter.objects.create(kind=Letter.Kind.NEWS, email=email, text="News.", created_at=clock.now())
    assert letters.send_waiting() is False
    assert [letter.to for letter in mailoutbox] == [["ben@example.com"], ["cleo@example.com"]]


def test_a_command_tells_whom_it_concerns_before_it_ends(database_url: str) -> None:
    associate(email="ana@example.com")
    connection.close()
    with mail_server() as (address, taken):
        words = [sys.executable, "manage.py", "set_role", "ana@example.com", "--role", "MANAGER"]
        environment = server_environment(database_url, EMAIL_URL=address)
        subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=PATIENCE)
        assert [to for to, _mail in taken] == ["ana@example.com"]


def test_what_a_dead_process_has_left_is_sent_when_a_server_starts(database_url: str) -> None:
    Letter.objects.create(kind=Letter.Kind.NEWS, email="ana@example.com", text="News.", created_at=clock.now())
    connection.close()
    with mail_server() as (address, taken), running_server(server_environment(database_url, EMAIL_URL=address)):
        wait_until(lambda: taken)
        assert [to for to, _mail in taken] == ["ana@example.com"]


def test_letters_are_kept_for_a_day() -> None:
    ask("nobody@example.com")
    assert letters.sender.rest(PATIENCE)
    Letter.objects.update(created_at=F("created_at") - timedelta(hours=25))
    ask("another@example.com")
    assert letters.sender.rest(PATIENCE)
    assert [letter.email for letter in Letter.objects.all()] == ["another@example.com"]
