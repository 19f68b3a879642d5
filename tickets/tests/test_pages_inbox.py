"""Being told: who hears of what, the count, and the same by e-mail."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from tests import factories
from tests.pages import Desk, html, words
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
INBOX = "/desk/inbox/"


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def boss() -> User:
    return factories.manager()


def told(user: User) -> list[tuple[str, str]]:
    """The tickets of the inbox and what is said of each."""
    items = re.findall(r"<li[^>]*>\s*(<a href=\"/desk/tickets/.*?)</li>", Desk(user).text(INBOX), re.DOTALL)
    return [(re.search("TKT-[0-9-]+", item)[0], words(item)) for item in items]  # type: ignore[index]  # each has one


def count(user: User) -> str:
    return words(Desk(user).text("/desk/inbox/count/", headers={"HX-Request": "true"}))


@pytest.mark.parametrize(
    ("way", "heard"),
    [
        (["raise"], "and sent it back"),
        (["approve"], "approved it"),
        (["lower"], "and approved it"),
        (["approve", "open", "close"], "reported it as Closed"),
    ],
)
def test_an_author_hears_what_others_did(way: list[str], heard: str, author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    steps: dict[str, Any] = {
        "raise": lambda t: actions.change_severity(boss, t.pk, severity="HIGH", reason="r"),
        "lower": lambda t: actions.change_severity(boss, t.pk, severity="LOW", reason="r"),
        "approve": lambda t: actions.approve_ticket(boss, t.pk),
        "open": lambda t: factories.import_status(t, "OPEN"),
        "close": lambda t: factories.import_status(t, "CLOSED"),
    }
    for step in way:
        ticket = steps[step](ticket)
    entries = told(author)
    assert heard in entries[0][1]
    assert len(entries) == (2 if "close" in way else 1)  # that it is being worked on is no news
    assert told(factories.associate()) == []


def test_a_manager_hears_of_drafts_by_others(author: User, boss: User) -> None:
    factories.ticket(author=boss)
    first, second = factories.ticket(author=author), factories.ticket(author=author)
    assert [number for number, _ in told(boss)] == [second.ticket_number, first.ticket_number]
    actions.approve_ticket(factories.manager(), first.pk)
    actions.delete_ticket(author, second.pk)
    assert told(boss) == []
    actions.restore_ticket(author, second.pk)
    assert [number for number, _ in told(boss)] == [second.ticket_number]


def test_a_manager_does_not_hear_of_a_draft_that_they_resubmitted(author: User, boss: User) -> None:
    ticket = factories.ticket("REVIEW", author=author)
    actions.edit_ticket(boss, ticket.pk, title="Better")
    assert told(boss) == []
    assert [number for number, _ in told(factories.manager())] == [ticket.ticket_number]


def test_reading_takes_the_count_away_and_keeps_what_came_since(author: User, boss: User) -> None:
    user = factories.associate()
    for ticket in (factories.ticket(author=user), factories.ticket(author=user)):
        actions.approve_ticket(boss, ticket.pk)
    assert count(user) == "2 unread"
    page = Desk(user).text(INBOX)
    assert page.count('class="unread"') == 2
    until = re.search(r'name="until" value="([^"]+)"', page)
    assert until
    later = factories.ticket(author=user)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        actions.approve_ticket(boss, later.pk)
        assert Desk(user).post(INBOX, {"until": until[1]}).headers["Location"] == INBOX
        assert count(user) == "1 unread"
        Desk(user).post(INBOX)
        assert count(user) == ""
        assert "Mark all as read" not in Desk(user).text(INBOX)


@pytest.mark.parametrize("until", ["x", "9999-12-31T00:00:00Z", "2026-01-01T00:00:00", "2026-99-01T00:00:00Z"])
def test_a_mistyped_until_marks_what_is_there_and_nothing_ahead(until: str, author: User) -> None:
    Desk(author).post(INBOX, {"until": until})
    author.refresh_from_db()
    assert author.inbox_read_at <= timezone.now()


def test_the_count_ends_at_99(author: User, boss: User) -> None:
    for _ in range(101):
        factories.ticket(author=author)
    assert count(boss) == "99+ unread"
    assert '<span class="count new">99+' in Desk(boss).text("/desk/tickets/")


@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
def test_an_inbox_takes_the_same_queries_for_1_and_50_entries(
    role: str, boss: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = factories.person(role)
    desk, literal = Desk(user), {"ASSOCIATE": 5, "MANAGER": 7}[role]  # two of them for session and person
    for entries in (1, 50):
        while Ticket.objects.count() < entries:
            actions.approve_ticket(boss, factories.ticket(author=user).pk)
        with django_assert_num_queries(literal):
            assert desk.text(INBOX).count('class="unread"') == entries


def test_an_empty_inbox_says_what_will_be_there(author: User) -> None:
    assert "Nothing happened to your tickets yet." in Desk(author).text(INBOX)


# --- By e-mail -----------------------------------------------------------------------------------------------------


def send(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("mail_inbox")
    return capsys.readouterr().out.strip()


@pytest.fixture
def _mail(settings: Settings) -> None:
    settings.HAS_MAIL = True
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    settings.PUBLIC_URL = "https://desk.example.com"


@pytest.mark.usefixtures("_mail")
def test_who_wants_it_gets_one_mail_with_what_is_new(boss: User, capsys: pytest.CaptureFixture[str]) -> None:
    user = factories.associate(wants_mail=True)
    first = factories.ticket(author=user, title="One\nBcc: everybody")
    actions.change_severity(boss, first.pk, severity="HIGH", reason="Say <more>.")
    actions.approve_ticket(boss, factories.ticket(author=user, title="Two").pk)
    assert send(capsys) == "1 mails sent."
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([user.email], "2 things are new on the desk")
    assert f"{first.ticket_number} One Bcc: everybody\n" in letter.body
    assert "Sent back to you: Say <more>." in letter.body
    assert f"https://desk.example.com/desk/tickets/{first.ticket_number}/" in letter.body
    assert "https://desk.example.com/desk/preferences/" in letter.body
    assert send(capsys) == "0 mails sent."


@pytest.mark.usefixtures("_mail")
def test_nobody_else_gets_mail(author: User, boss: User, capsys: pytest.CaptureFixture[str]) -> None:
    gone = factories.associate(wants_mail=True, is_active=False)
    for user in (author, gone):
        actions.approve_ticket(boss, factories.ticket(author=user).pk)
    assert send(capsys) == "0 mails sent."


@pytest.mark.usefixtures("_mail")
def test_mail_begins_when_it_is_asked_for(author: User, boss: User, capsys: pytest.CaptureFixture[str]) -> None:
    actions.approve_ticket(boss, factories.ticket(author=author).pk)
    desk = Desk(author)
    assert 'name="wants_mail"' in desk.text("/desk/preferences/")
    desk.post("/desk/preferences/", {"theme": "DARK", "time_zone": "Europe/Lisbon", "wants_mail": "on"})
    assert send(capsys) == "0 mails sent."
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        actions.approve_ticket(boss, factories.ticket(author=author).pk)
        assert send(capsys) == "1 mails sent."


@pytest.mark.usefixtures("_mail")
def test_a_mail_that_cannot_be_sent_is_tried_again(
    boss: User, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    user = factories.associate(wants_mail=True)
    actions.approve_ticket(boss, factories.ticket(author=user).pk)
    works = settings.MAILERS
    options = {"host": "127.0.0.1", "port": 9}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    assert send(capsys) == "0 mails sent."
    settings.MAILERS = works
    assert send(capsys) == "1 mails sent."


def test_without_mail_there_is_no_such_choice(author: User, settings: Settings) -> None:
    settings.HAS_MAIL = False
    assert 'name="wants_mail"' not in Desk(author).text("/desk/preferences/")
    with pytest.raises(CommandError, match="EMAIL_URL"):
        call_command("mail_inbox")


def test_the_count_without_htmx_leads_to_the_inbox(author: User) -> None:
    assert html(Desk(author).get("/desk/inbox/count/")) == ""
    assert Desk(author).get("/desk/inbox/count/").headers["Location"] == INBOX
