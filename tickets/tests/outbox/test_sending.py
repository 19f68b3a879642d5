"""What is mailed to whom and when, and what becomes of a mail that cannot be sent."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import AuditEntry, User
from config import clock
from tests.support import factories
from tests.support.pages import Desk
from tickets import actions
from tickets.comments.actions import add_comment
from tickets.following.actions import follow_ticket
from tickets.inbox.models import Kind, Told, Way
from tickets.inbox.ways import choose_ways
from tickets.models import Ticket
from tickets.outbox import claiming
from tickets.outbox.sending import send_due

pytestmark = pytest.mark.django_db


def ask(boss: User, ticket: Ticket, text: str = "Why?") -> None:
    add_comment(boss, ticket.pk, text=text, is_question=True)


def sent() -> list[list[str]]:
    """To whom mails go now."""
    mail.outbox.clear()
    send_due()
    return sorted(one.to for one in mail.outbox)


def pass_time(**time: float) -> None:
    """So much later: whatever was due at a time has come nearer by so much."""
    waiting = Told.objects.filter(mail_due_at__isnull=False)
    waiting.update(mail_due_at=F("mail_due_at") - timedelta(**time))


# --- When ------------------------------------------------------------------------------------------------------------


def test_a_mail_waits_and_takes_up_what_follows(settings: Settings, boss: User, ticket: Ticket) -> None:
    settings.MAIL_GATHER = timedelta(minutes=5)
    ask(boss, ticket, "One")
    assert sent() == []
    pass_time(minutes=4)
    ask(boss, ticket, "Two")
    assert sent() == []
    pass_time(minutes=1)
    assert sent() == [["ana@example.com"]]
    body = str(mail.outbox[0].body)
    assert body.index("One") < body.index("Two")
    pass_time(minutes=5)
    assert sent() == []


def test_without_gathering_each_goes_at_once(boss: User, ticket: Ticket) -> None:
    for text in ("One", "Two"):
        ask(boss, ticket, text)
        assert sent() == [["ana@example.com"]]


def test_each_ticket_and_each_person_has_a_mail_of_its_own(ana: User, boss: User, ticket: Ticket) -> None:
    rui = factories.associate(email="rui@example.com")
    follow_ticket(rui, ticket.pk)
    ask(boss, ticket)
    ask(boss, factories.ticket(author=ana))
    assert sent() == [["ana@example.com"], ["ana@example.com"], ["rui@example.com"]]


def test_a_daily_mail_leaves_what_is_mailed_at_once(ana: User, boss: User, ticket: Ticket) -> None:
    choose_ways(ana, {Kind.COMMENT: Way.DIGEST})
    add_comment(boss, ticket.pk, text="By the way.")
    ask(boss, ticket)
    assert sent() == [["ana@example.com"]]
    assert "By the way." not in mail.outbox[0].body
    pass_time(days=1)
    assert sent() == [["ana@example.com"]]
    assert "By the way." in mail.outbox[0].body


# --- To whom not -----------------------------------------------------------------------------------------------------


def test_what_has_been_read_meanwhile_is_not_mailed(ana: User, boss: User, ticket: Ticket) -> None:
    ask(boss, ticket)
    Desk(ana).text(f"/desk/tickets/{ticket.ticket_number}/")
    assert sent() == []
    assert not Told.objects.filter(mail_due_at__isnull=False).exists()


def test_what_somebody_no_longer_wants_by_mail_is_not_mailed(ana: User, boss: User, ticket: Ticket) -> None:
    ask(boss, ticket)
    choose_ways(ana, {Kind.QUESTION: Way.INBOX})
    assert sent() == []


def test_who_cannot_sign_in_is_not_mailed(ana: User, boss: User, ticket: Ticket) -> None:
    ask(boss, ticket)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert sent() == []
    User.objects.filter(pk=ana.pk).update(is_active=True)
    assert sent() == []


def test_what_one_may_no_longer_see_is_not_mailed(boss: User, ticket: Ticket) -> None:
    ask(boss, ticket, "A secret?")
    actions.delete_ticket(boss, ticket.pk)
    assert sent() == []


def test_without_mail_the_command_says_so(settings: Settings) -> None:
    settings.HAS_MAIL = False
    with pytest.raises(Exception, match="Mail is not configured"):
        call_command("mail_inbox")


# --- A mail server that does not want --------------------------------------------------------------------------------


class Moody(EmailBackend):
    """Answers mails to these addresses with what is raised here."""

    answers: dict[str, Exception] = {}

    def send_messages(self, messages: Any) -> int:
        if answer := self.answers.get(messages[0].to[0]):
            raise answer
        return super().send_messages(messages)


@pytest.fixture
def answers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Moody"}}
    answers: dict[str, Exception] = {}
    monkeypatch.setattr(Moody, "answers", answers)
    return answers


@pytest.fixture
def crowd(boss: User, ticket: Ticket) -> list[str]:
    """Three people are asked about a ticket."""
    for name in ("ben", "cleo"):
        follow_ticket(factories.associate(email=f"{name}@example.com"), ticket.pk)
    ask(boss, ticket)
    return ["ana@example.com", "ben@example.com", "cleo@example.com"]


LATER = {
    "the mailbox": SMTPRecipientsRefused({"ben@example.com": (450, b"try later")}),
    "the mail": SMTPDataError(451, b"try later"),
}
NEVER = {
    "the mailbox": SMTPRecipientsRefused({"ben@example.com": (550, b"no such mailbox")}),
    "the mail": SMTPDataError(554, b"no such mailbox"),
}
AWAY = {
    "no connection": ConnectionRefusedError("nobody there"),
    "silent": TimeoutError("timed out"),
    "does not want the sender": SMTPSenderRefused(550, b"not you", "desk@example.com"),
}


@pytest.mark.parametrize("what", LATER)
def test_what_is_refused_for_now_is_tried_with_growing_pauses(
    answers: dict[str, Exception], crowd: list[str], what: str
) -> None:
    answers["ben@example.com"] = LATER[what]
    assert sent() == [["ana@example.com"], ["cleo@example.com"]]
    for minutes in (1, 2, 5, 10, 20, 40, 60, 120, 240, 240):
        pass_time(minutes=minutes - 0.5)
        assert sent() == []
        assert claiming.next_due() is not None
        [due_at] = Told.objects.filter(mail_due_at__isnull=False).values_list("mail_due_at", flat=True)
        assert due_at is not None
        assert timedelta(seconds=0) < due_at - clock.now() <= timedelta(seconds=30)
        pass_time(minutes=0.5)
        assert sent() == []
    answers.clear()
    pass_time(minutes=240)
    assert sent() == [["ben@example.com"]]


@pytest.mark.parametrize("what", NEVER)
def test_what_is_refused_for_good_is_given_up_and_told_of(
    answers: dict[str, Exception], crowd: list[str], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    answers["ben@example.com"] = NEVER[what]
    assert sent() == [["ana@example.com"], ["cleo@example.com"]]
    assert claiming.next_due() is None
    assert "The mail to ben@example.com was refused and is given up" in caplog.text
    entry = AuditEntry.objects.get(action="mail_refused")
    assert (entry.subject and entry.subject.email, entry.origin) == ("ben@example.com", "mail server")
    code = 550 if what == "the mailbox" else 554
    assert entry.changes == {"email": "ben@example.com", "answer": f"{code} no such mailbox"}
    assert Told.objects.filter(user__email="ben@example.com", is_read=False).count() == 1


def test_a_mailbox_that_refuses_everything_is_recorded_once_a_day(
    answers: dict[str, Exception], boss: User, ticket: Ticket
) -> None:
    answers["ana@example.com"] = SMTPRecipientsRefused({"ana@example.com": (550, b"gone")})
    for _ in range(3):
        ask(boss, ticket)
        assert sent() == []
    assert AuditEntry.objects.filter(action="mail_refused").count() == 1


@pytest.mark.parametrize("what", AWAY)
def test_a_mail_server_that_is_away_ends_the_round_and_nothing_else(
    answers: dict[str, Exception], crowd: list[str], what: str
) -> None:
    answers |= dict.fromkeys(crowd, AWAY[what])
    mail.outbox.clear()
    assert send_due().sent == 0
    assert sorted(Told.objects.filter(mail_attempts=1).values_list("user__email", flat=True)) in [
        [one] for one in crowd
    ]
    answers.clear()
    assert len(sent()) == 2
    pass_time(minutes=1)
    assert len(sent()) == 1


def test_while_it_is_away_it_is_tried_every_five_minutes_at_least(
    answers: dict[str, Exception], boss: User, ticket: Ticket
) -> None:
    ask(boss, ticket)
    answers["ana@example.com"] = ConnectionRefusedError("nobody there")
    for _ in range(8):
        next_at = send_due().next_at
        assert next_at is not None
        assert next_at <= clock.now() + timedelta(minutes=5)
        pass_time(minutes=5)
    answers.clear()
    assert sent() == [["ana@example.com"]]


def test_what_comes_while_a_mail_is_tried_again_gets_one_of_its_own(
    answers: dict[str, Exception], boss: User, ticket: Ticket
) -> None:
    """The first may have arrived although nobody heard of that; programs hide a second one with the same id."""
    ask(boss, ticket, "One")
    answers["ana@example.com"] = TimeoutError("no answer")
    assert sent() == []
    answers.clear()
    ask(boss, ticket, "Two")
    assert sent() == [["ana@example.com"]]
    assert "One" not in mail.outbox[0].body
    second = mail.outbox[0].extra_headers["Message-ID"]
    pass_time(minutes=1)
    assert sent() == [["ana@example.com"]]
    assert "One" in mail.outbox[0].body
    assert mail.outbox[0].extra_headers["Message-ID"] != second


def test_a_mail_that_is_sent_twice_has_one_id(boss: User, ticket: Ticket) -> None:
    ask(boss, ticket)
    first = claiming.claim_next()
    assert first is not None
    assert sent() == []  # somebody is at it
    pass_time(minutes=5)
    assert sent() == [["ana@example.com"]]
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<mail-{first.key}@desk.example.com>"


def test_what_is_sent_is_cleared_and_nothing_else(boss: User, ticket: Ticket) -> None:
    """What comes to the ticket while the mail is on its way waits for the next one."""
    ask(boss, ticket, "One")
    first = claiming.claim_next()
    assert first is not None
    ask(boss, ticket, "Two")
    claiming.finish(first)
    assert sent() == [["ana@example.com"]]
    assert "One" not in mail.outbox[0].body
    assert "Two" in mail.outbox[0].body


def test_nothing_is_locked_while_a_mail_is_on_its_way(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, boss: User, ticket: Ticket
) -> None:
    depths = []

    class Watching(EmailBackend):
        def send_messages(self, messages: Any) -> int:
            depths.append(len(connection.savepoint_ids))
            return super().send_messages(messages)

    monkeypatch.setattr(f"{__name__}.Moody", Watching)
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Moody"}}
    ask(boss, ticket)
    outside = len(connection.savepoint_ids)
    assert sent() == [["ana@example.com"]]
    assert depths == [outside]


@pytest.mark.parametrize("things", [1, 3])
def test_a_mail_costs_as_many_statements_however_much_it_tells(boss: User, ticket: Ticket, things: int) -> None:
    for _ in range(things):
        ask(boss, ticket)
    with CaptureQueriesContext(connection) as queries:
        assert sent() == [["ana@example.com"]]
    own = [one["sql"] for one in queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    asked_the_clock = sum("statement_timestamp()" in sql and "FROM" not in sql for sql in own)
    # When is one due, which, how is it wanted, claiming it, whether a task waits for that and making it, what it tells,
    # finishing it, when is one due, and when will be one.
    assert len(own) - asked_the_clock == 10
