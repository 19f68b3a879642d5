"""By which way somebody is told, when mails are due, and that table in the preferences."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, links, url, words
from tickets import actions
from tickets.comments.actions import add_comment
from tickets.inbox import moved, telling
from tickets.inbox.models import ChosenWay, Kind, Way
from tickets.inbox.ways import choose_ways, next_digest, ways_of
from tickets.models import HistoryEntry, Told

pytestmark = pytest.mark.django_db
PREFERENCES, WAYS = "/desk/preferences/", "/desk/inbox/preferences/"

DEFAULTS = {
    "NAMED": "MAIL",
    "QUESTION": "MAIL",
    "ANSWER": "MAIL",
    "COMMENT": "INBOX",
    "SENT_BACK": "MAIL",
    "APPROVED": "INBOX",
    "MOVED": "INBOX",
    "DELETED": "INBOX",
    "RESTORED": "INBOX",
    "DRAFT": "INBOX",
}


def shown(user: User) -> dict[str, str]:
    """Of each kind in the preferences the way that is chosen."""
    page = Desk(user).text(PREFERENCES)
    selects = re.findall(r'<select name="(\w+)" id="way_\w+"[^>]*>(.*?)</select>', page, re.DOTALL)
    chosen = {name: re.findall(r'value="(\w+)" selected', options) for name, options in selects}
    return {name: way for name, [way] in chosen.items()}


@pytest.mark.usefixtures("_mail")
def test_what_asks_for_an_answer_is_mailed_unless_one_chooses_otherwise(author: User, boss: User) -> None:
    assert ways_of(boss) == DEFAULTS
    assert shown(boss) == DEFAULTS
    assert shown(author) == {kind: way for kind, way in DEFAULTS.items() if kind != "DRAFT"}


@pytest.mark.usefixtures("_mail")
def test_only_what_differs_is_kept_and_every_way_can_be_chosen(boss: User) -> None:
    desk = Desk(boss)
    for way in ("DIGEST", "NOWHERE", "INBOX", "MAIL"):
        answer = desk.post(WAYS, dict.fromkeys(DEFAULTS, way))
        assert (answer.status_code, answer.headers["Location"]) == (302, PREFERENCES)
        assert shown(boss) == dict.fromkeys(DEFAULTS, way)
    assert set(ChosenWay.objects.values_list("kind", flat=True)) == {k for k, way in DEFAULTS.items() if way != "MAIL"}
    desk.post(WAYS, {"COMMENT": "INBOX"})
    assert shown(boss) == dict.fromkeys(DEFAULTS, "MAIL") | {"COMMENT": "INBOX"}, "what is not sent stays as it is"
    assert shown(factories.manager()) == DEFAULTS


@pytest.mark.usefixtures("_mail")
@pytest.mark.parametrize("way", ["X", "mail", "\x00", "9"])
def test_a_way_that_there_is_not_changes_nothing(way: str, author: User) -> None:
    desk = Desk(author)
    assert desk.post(WAYS, {"MOVED": way, "COMMENT": "NOWHERE"}).status_code == 302
    assert "Nothing was saved." in words(desk.get(PREFERENCES))
    assert not ChosenWay.objects.exists()
    assert desk.get(WAYS).headers["Location"] == PREFERENCES


def test_without_mail_none_is_offered_and_what_was_chosen_stays(author: User, settings: Settings) -> None:
    settings.HAS_MAIL = False
    choose_ways(author, {Kind.MOVED: Way.DIGEST})
    assert set(shown(author).values()) == {"INBOX"}
    page = Desk(author).text(PREFERENCES)
    assert 'value="MAIL"' not in page
    assert 'value="DIGEST"' not in page
    Desk(author).post(WAYS, shown(author) | {"DELETED": "NOWHERE"})
    assert ways_of(author) == DEFAULTS | {"MOVED": "DIGEST", "DELETED": "NOWHERE"}
    with pytest.raises(CommandError, match="EMAIL_URL"):
        call_command("mail_inbox")


def test_the_inbox_leads_to_the_table(author: User) -> None:
    assert links(Desk(author).text("/desk/inbox/"), "preferences/#told") == [f"{PREFERENCES}#told"]


# --- When a mail is due ----------------------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "due"),
    [
        ("2026-11-27T06:59:59", "UTC", "2026-11-27T07:00"),
        ("2026-11-27T07:00:00", "UTC", "2026-11-28T07:00"),
        ("2026-11-27T20:00:00", "Asia/Tokyo", "2026-11-27T22:00"),
        ("2026-11-27T23:00:00", "Asia/Tokyo", "2026-11-28T22:00"),
        ("2026-11-27T10:00:00", "America/New_York", "2026-11-27T12:00"),
        ("2026-03-28T20:00:00", "Europe/Berlin", "2026-03-29T05:00"),  # the night in which clocks go forward
        ("2026-10-24T20:00:00", "Europe/Berlin", "2026-10-25T06:00"),  # and back
        ("2026-11-27T06:00:00", "Nowhere/Else", "2026-11-27T07:00"),
    ],
)
def test_a_daily_mail_is_due_at_seven_where_the_person_is(moment: str, zone: str, due: str, settings: Settings) -> None:
    settings.MAIL_DIGEST_AT = time(7)
    assert next_digest(at(moment), zone) == at(due)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When who sends mails is to be woken."""
    times: list[datetime] = []
    for module in (telling, moved):
        monkeypatch.setattr(module, "wake", times.append)
    return times


WAY_OF = {"mail": Way.MAIL, "digest": Way.DIGEST, "inbox": Way.INBOX}


@pytest.mark.usefixtures("_mail")
@pytest.mark.parametrize("kind", ["DRAFT", "APPROVED", "MOVED", "COMMENT"])
def test_the_way_is_settled_as_somebody_is_told(
    kind: str, settings: Settings, woken: list[datetime], boss: User
) -> None:
    settings.MAIL_GATHER, settings.MAIL_DIGEST_AT = timedelta(minutes=5), time(7)
    people = {name: factories.person("MANAGER" if kind == "DRAFT" else "ASSOCIATE", name=name) for name in WAY_OF}
    for name, way in WAY_OF.items():
        choose_ways(people[name], {Kind(kind): way})
    User.objects.filter(pk=people["digest"].pk).update(time_zone="Asia/Tokyo")
    ticket = factories.ticket(author=boss)
    if kind != "DRAFT":
        for person in people.values():
            factories.comment(ticket, author=person)
        ticket = factories.advance(ticket, "PENDING") if kind == "MOVED" else ticket
        Told.objects.all().delete()
        woken.clear()
    if kind == "APPROVED":
        actions.approve_ticket(factories.manager(), ticket.pk)
    elif kind == "MOVED":
        factories.import_status(ticket, "OPEN")
    elif kind == "COMMENT":
        add_comment(boss, ticket.pk, text="It is so.")
    rows = {row.user.name: row for row in Told.objects.filter(kind=kind, user__in=people.values())}
    assert rows.keys() == people.keys()
    moment = rows["mail"].created_at
    assert rows["inbox"].mail_due_at is None
    assert timedelta(0) <= rows["mail"].mail_due_at - moment - timedelta(minutes=5) < timedelta(seconds=1)  # type: ignore[operator]
    due: Any = rows["digest"].mail_due_at
    assert (due.astimezone(UTC).hour, due.minute) == (22, 0)
    assert timedelta(0) < due - moment <= timedelta(days=1)
    assert woken == [min(rows["mail"].mail_due_at, due)]
    assert {row.mail_attempts for row in rows.values()} == {0}


@pytest.mark.parametrize("has_mail", [True, False])
def test_without_mail_nothing_is_due_and_nobody_is_woken(
    has_mail: bool, settings: Settings, woken: list[datetime], author: User, boss: User
) -> None:
    settings.HAS_MAIL = has_mail
    choose_ways(author, dict.fromkeys(Kind, Way.INBOX if has_mail else Way.MAIL))
    ticket = factories.ticket(author=author)
    add_comment(boss, ticket.pk, text="@" + author.email)
    factories.import_status(actions.approve_ticket(boss, ticket.pk), "OPEN")
    assert Told.objects.filter(user=author).count() == 3
    assert not Told.objects.filter(mail_due_at__isnull=False).exists()
    assert woken == []


@pytest.mark.usefixtures("_mail")
def test_of_a_decided_draft_no_mail_is_due_any_more(boss: User) -> None:
    other = factories.manager()
    choose_ways(other, {Kind.DRAFT: Way.MAIL})
    ticket = factories.ticket()
    assert Told.objects.get(user=other).mail_due_at is not None
    actions.approve_ticket(boss, ticket.pk)
    assert Told.objects.get(user=other).mail_due_at is None


@pytest.mark.parametrize(
    ("constraint", "rows"),
    [
        ("chosenway_one_for_each_kind", [("DRAFT", "MAIL"), ("DRAFT", "INBOX")]),
        ("chosenway_kind_known", [("X", "MAIL")]),
        ("chosenway_way_known", [("DRAFT", "X")]),
    ],
)
def test_the_database_holds_ways_to_their_form(constraint: str, rows: list[tuple[str, str]], author: User) -> None:
    words_of_sqlite = "user_id" if "one_for" in constraint else constraint
    with pytest.raises(IntegrityError, match=f"{constraint}|{words_of_sqlite}"), transaction.atomic():
        ChosenWay.objects.bulk_create(ChosenWay(user=author, kind=kind, way=way) for kind, way in rows)


# --- By e-mail, in one mail with all that is due ---------------------------------------------------------------------


def send(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("mail_inbox")
    return capsys.readouterr().out.strip()


@pytest.mark.usefixtures("_mail")
def test_who_wants_mail_gets_it_once(boss: User, capsys: pytest.CaptureFixture[str]) -> None:
    user = factories.associate(name="Rui O'Neil")
    ticket = factories.ticket(author=user, title="One\nBcc: everybody")
    actions.change_severity(boss, ticket.pk, severity="HIGH", reason="Say <more>.")
    assert send(capsys) == "1 mails sent."
    [letter] = mail.outbox
    assert letter.to == [user.email]
    assert "Say <more>." in letter.body
    assert f"https://desk.example.com{url(ticket)}" in letter.body
    assert send(capsys) == "0 mails sent."
    assert HistoryEntry.objects.count() == 2


@pytest.mark.usefixtures("_mail")
def test_nobody_else_gets_mail(boss: User, capsys: pytest.CaptureFixture[str]) -> None:
    gone = factories.associate()
    ticket = factories.ticket(author=gone)
    actions.change_severity(boss, ticket.pk, severity="HIGH", reason="Say more.")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    actions.approve_ticket(boss, factories.ticket().pk)
    assert send(capsys) == "0 mails sent."
