"""A desk of before: what was looked up in the history becomes rows, and mail goes on as people wanted it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from accounts.models import User
from tests.support import factories
from tests.support.databases import past
from tests.support.forgery import sql
from tests.support.version_before import telling_nobody
from tickets import actions
from tickets.inbox.models import Kind
from tickets.inbox.ways import ways_of
from tickets.models import Told

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, CARRIED = "0036_told", "0038_carry_notifications_over"
carry = importlib.import_module(f"tickets.migrations.{CARRIED}")
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _before_told_of_what_is_done(transactional_db: None) -> Iterator[None]:
    with past.desk("before_told_of_what_is_done"):
        yield


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def told_to(user: User) -> list[tuple[str, str, bool]]:
    """The title, the kind and whether it is read, the newest first."""
    rows = Told.objects.filter(user=user).newest_first()
    return list(rows.values_list("ticket__title", "kind", "is_read"))


def a_desk_of_before() -> dict[str, User]:
    """What happened at which hour, and to whom."""
    people = {
        "author": factories.associate(),
        "boss": factories.manager(),
        "other": factories.manager(),
        "gone": factories.manager(is_active=False),
    }
    author, boss, tickets = people["author"], people["boss"], {}
    with telling_nobody():
        for hour, title in enumerate(["closed", "back", "lower", "deleted", "draft", "again"]):
            with time_machine.travel(at(hour), tick=False):
                tickets[title] = factories.ticket(author=author, title=title, severity="MEDIUM")
        with time_machine.travel(at(10), tick=False):
            actions.approve_ticket(boss, tickets["closed"].pk)
        with time_machine.travel(at(10.2), tick=False):
            actions.change_severity(boss, tickets["back"].pk, severity="HIGH", reason="r")
        with time_machine.travel(at(11), tick=False):
            actions.change_severity(boss, tickets["lower"].pk, severity="LOW", reason="r")
            actions.delete_ticket(boss, tickets["deleted"].pk)
        with time_machine.travel(at(11.5), tick=False):
            actions.change_severity(boss, tickets["again"].pk, severity="HIGH", reason="r")
        with time_machine.travel(at(12), tick=False):
            tickets["closed"].refresh_from_db()
            factories.import_status(tickets["closed"], "OPEN")
        with time_machine.travel(at(13), tick=False):
            factories.import_status(tickets["closed"], "CLOSED")
            actions.edit_ticket(boss, tickets["again"].pk, title="again")
        with time_machine.travel(at(14), tick=False):
            factories.ticket(author=people["other"], title="own of other")
    return people


def of_before(people: dict[str, User]) -> None:
    """The author has read all until the eleventh hour, and one ticket since; the other manager nothing at all."""
    apps = past.models()
    before, marks = apps.get_model("accounts", "User"), apps.get_model("tickets", "ReadMark")
    ids = dict(apps.get_model("tickets", "Ticket").objects.values_list("title", "pk"))
    before.objects.filter(pk=people["author"].pk).update(inbox_read_at=at(10.5), mailed_until=at(12.5), wants_mail=True)
    before.objects.filter(pk=people["boss"].pk).update(inbox_read_at=at(100), mailed_until=at(0))
    before.objects.filter(pk__in=[people["other"].pk, people["gone"].pk]).update(inbox_read_at=at(-1))
    marks.objects.create(user_id=people["author"].pk, ticket_id=ids["lower"], version=2)
    marks.objects.create(user_id=people["author"].pk, ticket_id=ids["closed"], version=2)


def test_what_was_unread_is_unread_and_what_was_mailed_is_mailed_to_the_newest(settings: Settings) -> None:
    people = a_desk_of_before()
    of_before(people)
    settings.HAS_MAIL = True
    past.migrate()
    assert told_to(people["author"]) == [
        ("closed", "MOVED", False),
        ("again", "SENT_BACK", False),
        ("lower", "APPROVED", True),
        ("back", "SENT_BACK", True),
        ("closed", "APPROVED", True),
    ]
    assert told_to(people["boss"]) == [("own of other", "DRAFT", True), ("draft", "DRAFT", True)]
    assert told_to(people["other"]) == [("again", "DRAFT", False), ("draft", "DRAFT", False)]
    assert told_to(people["gone"]) == []
    due = Told.objects.filter(mail_due_at__isnull=False).values_list("user", "kind")
    assert list(due) == [(people["author"].pk, "MOVED")]
    rows = Told.objects.select_related("entry")
    assert all((row.created_at, row.ticket_id) == (row.entry.created_at, row.entry.ticket_id) for row in rows)  # type: ignore[union-attr]
    mailed = dict.fromkeys(ways_of(people["author"]), "MAIL") | {"DELETED": "INBOX", "RESTORED": "INBOX"}
    assert ways_of(people["author"]) == mailed
    for name in ("boss", "other", "gone"):
        assert set(ways_of(people[name]).values()) == {"INBOX"}
    assert ways_of(factories.associate())[Kind.NAMED] == "MAIL", "who comes later chooses nothing"


def test_where_there_is_no_mail_none_is_due(settings: Settings) -> None:
    of_before(a_desk_of_before())
    settings.HAS_MAIL = False
    past.migrate(("tickets", CARRIED))
    assert sql("SELECT COUNT(*), COUNT(mail_due_at) FROM tickets_told") == [(9, 0)]
    ways = sql("SELECT way, COUNT(DISTINCT user_id), COUNT(*) FROM tickets_chosenway GROUP BY way ORDER BY way")
    assert ways == [("INBOX", 3, 12), ("MAIL", 1, 4)]


def test_of_what_was_read_the_newest_are_carried_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert carry.NEWEST_READ == 500
    monkeypatch.setattr(carry, "NEWEST_READ", 3)
    author, boss = factories.associate(), factories.manager()
    with telling_nobody():
        for _ in range(5):
            actions.approve_ticket(boss, factories.ticket(author=author).pk)
    past.models().get_model("accounts", "User").objects.filter(pk=author.pk).update(inbox_read_at=at(10**5))
    past.migrate(("tickets", CARRIED))
    found = sql(
        "SELECT entry.version, told.is_read FROM tickets_told AS told"
        " JOIN tickets_historyentry AS entry ON entry.id = told.entry_id"
    )
    assert found == [(2, True)] * 3


def test_going_back_loses_nothing_of_what_was_said() -> None:
    author, boss = factories.associate(), factories.manager()
    with telling_nobody():
        ticket = factories.ticket(author=author)
        comment = factories.comment(ticket, author=boss)
        actions.approve_ticket(boss, ticket.pk)
    said = {"comment_id": comment.pk, "ticket_id": ticket.pk, "user_id": author.pk, "created_at": comment.created_at}
    past.models().get_model("tickets", "Told").objects.create(kind="COMMENT", **said)
    kinds = "SELECT kind FROM tickets_told ORDER BY created_at"
    for newest, expected in (
        (CARRIED, ["COMMENT", "APPROVED"]),
        (BEFORE, ["COMMENT"]),
        (CARRIED, ["COMMENT", "APPROVED"]),
    ):
        past.migrate(("tickets", newest))
        assert [kind for [kind] in sql(kinds)] == expected
