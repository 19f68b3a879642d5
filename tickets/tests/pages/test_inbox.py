"""Being told: who hears of what, the count, and the same by e-mail."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from tests.support import factories
from tests.support.fakes.smtp import IN_MEMORY
from tests.support.pages import Desk, html, links, words
from tickets import actions
from tickets.inbox import read_marks
from tickets.models import ReadMark, Ticket

pytestmark = pytest.mark.django_db
INBOX = "/desk/inbox/"


def told(user: User) -> list[tuple[str, str]]:
    """The tickets of the inbox and what is said of each."""
    items = re.findall(r"<li[^>]*>\s*(<a href=\"/desk/tickets/.*?)</li>", Desk(user).text(INBOX), re.DOTALL)
    return [(re.search("TKT-[0-9-]+", item)[0], words(item)) for item in items]  # type: ignore[index]  # each has one


def count(user: User) -> str:
    return words(Desk(user).text("/desk/inbox/count/", headers={"HX-Request": "true"}))


def mark_all(page: str) -> dict[str, Any]:
    """What the button sends that marks all as read."""
    form = page.partition('class="head"')[2].partition("Mark all as read")[0]
    sent = {name: re.findall(rf'name="{name}" value="([^"]+)"', form) for name in ("until", "before", "shown")}
    return {name: values for name, values in sent.items() if values}


@pytest.mark.parametrize(
    ("way", "heard"),
    [
        (["raise"], "and sent it back"),
        (["approve"], "approved it"),
        (["lower"], "and approved it"),
        (["approve", "open", "close"], "The external system reported it as Closed"),
        (["approve", "open", "import"], "imported it as Closed"),
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
        "import": lambda t: factories.import_status(t, "CLOSED", user=boss),
    }
    for step in way:
        ticket = steps[step](ticket)
    entries = told(author)
    assert heard in entries[0][1]
    [(_number, said)] = entries
    assert said.count(" UTC") == (2 if "open" in way else 1)  # that it is being worked on is no news
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
    form = mark_all(page)
    later = factories.ticket(author=user)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        actions.approve_ticket(boss, later.pk)
        assert Desk(user).post(INBOX, form).headers["Location"] == INBOX
        assert count(user) == "1 unread"
        Desk(user).post(INBOX, mark_all(Desk(user).text(INBOX)))
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
    desk, literal = Desk(user), {"ASSOCIATE": 6, "MANAGER": 7}[role]  # two of them for session and person
    for entries in (1, 50):
        while Ticket.objects.count() < entries:
            actions.approve_ticket(boss, factories.ticket(author=user).pk)
        with django_assert_num_queries(literal):
            assert desk.text(INBOX).count('class="unread"') == entries


def test_an_empty_inbox_says_what_will_be_there(author: User) -> None:
    assert "Nothing happened to your tickets yet." in Desk(author).text(INBOX)


# --- Read ------------------------------------------------------------------------------------------------------------


def send_back(ticket: Ticket, boss: User, reason: str = "Say which one.") -> Ticket:
    return actions.change_severity(boss, ticket.pk, severity="HIGH", reason=reason)


def page_of(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.ticket_number}/"


def unread_numbers(user: User) -> list[str]:
    items = re.findall(r'<li class="unread">(.*?)</li>', Desk(user).text(INBOX), re.DOTALL)
    return [re.search("TKT-[0-9-]+", item)[0] for item in items]  # type: ignore[index]  # each has one


def test_opening_a_ticket_reads_what_happened_to_it_and_nothing_else(author: User, boss: User) -> None:
    user = factories.associate()
    first, second = (send_back(factories.ticket(author=user), boss) for _ in "12")
    assert count(user) == "2 unread"
    page = Desk(user).text(page_of(first))
    assert '<span class="count new">1<' in page, "the page itself still counts what it has just shown"
    assert unread_numbers(user) == [second.ticket_number]
    Desk(user).client.head(page_of(second))
    Desk(user).get(page_of(second), headers={"Sec-Purpose": "prefetch"})
    Desk(boss).text(page_of(second))
    assert unread_numbers(user) == [second.ticket_number]
    Desk(user).text(page_of(second))
    assert count(user) == ""
    assert [number for number, _ in told(user)] == [second.ticket_number, first.ticket_number]


def test_what_happens_after_a_ticket_was_read_is_unread(author: User, boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss)
    Desk(user).text(page_of(ticket))
    actions.edit_ticket(user, ticket.pk, title="Better")
    assert count(user) == ""
    actions.approve_ticket(boss, ticket.pk)
    assert count(user) == "1 unread"
    Desk(user).text(page_of(ticket))
    assert count(user) == ""


def test_a_manager_works_the_drafts_off_by_opening_them(boss: User) -> None:
    other = factories.manager()
    drafts = [factories.ticket() for _ in range(3)]
    for left, draft in zip((2, 1, 0), drafts, strict=True):
        Desk(boss).text(page_of(draft))
        assert count(boss) == (f"{left} unread" if left else "")
    assert count(other) == "3 unread", "what one reads is not read by others"
    actions.change_severity(other, drafts[0].pk, severity="HIGH", reason="More.")
    actions.edit_ticket(drafts[0].created_by, drafts[0].pk, description="More of it.")
    assert unread_numbers(boss) == [drafts[0].ticket_number], "it waits again, with another text"


def test_one_entry_is_marked_as_read_without_being_opened(boss: User) -> None:
    user = factories.associate()
    first, second = (send_back(factories.ticket(author=user), boss) for _ in "12")
    desk = Desk(user)
    marks = re.findall(r'name="read" value="([^"]+)"', desk.text(INBOX))
    assert marks == [f"{second.pk}.2", f"{first.pk}.2"]
    assert desk.post(INBOX, {"read": marks[1]}).headers["Location"] == INBOX
    assert unread_numbers(user) == [second.ticket_number]
    actions.approve_ticket(boss, actions.edit_ticket(user, first.pk, title="x").pk)
    desk.post(INBOX, {"read": f"{first.pk}.2"})  # a tab that was open all the time
    assert unread_numbers(user) == [first.ticket_number, second.ticket_number]
    for nonsense in ("", "x", f"{first.pk}", f"{first.pk}.x", f"{first.pk}.99999999999999", f"{uuid.uuid4()}.1"):
        assert desk.post(INBOX, {"read": nonsense}).status_code == 302
    assert ReadMark.objects.count() == 1


def test_an_older_tab_takes_no_mark_back(boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss)
    read_marks.read_ticket(user, ticket.pk, 2)
    actions.approve_ticket(boss, actions.edit_ticket(user, ticket.pk, title="x").pk)
    read_marks.read_ticket(user, ticket.pk, 4)
    read_marks.read_ticket(user, ticket.pk, 2)
    assert count(user) == ""


def test_marking_all_spares_what_was_stamped_earlier_but_came_later(boss: User) -> None:
    """A long import stamps its entries before it commits, so the newest time that was shown may lie behind them."""
    user = factories.associate()
    late, shown = (factories.ticket("PENDING", author=user) for _ in "12")
    read_all_until = timezone.now() + timedelta(seconds=30)
    with time_machine.travel(read_all_until):
        factories.import_status(shown, "CLOSED")
        form = mark_all(Desk(user).text(INBOX))
        with time_machine.travel(timezone.now() - timedelta(seconds=20)):
            factories.import_status(late, "CLOSED")
        Desk(user).post(INBOX, form)
        assert unread_numbers(user) == [late.ticket_number]


def test_marking_all_reads_also_what_the_page_left_out(boss: User) -> None:
    user = factories.associate()
    for _ in range(103):
        actions.approve_ticket(boss, factories.ticket(author=user).pk)
    form = mark_all(Desk(user).text(INBOX))
    assert (len(form["shown"]), "before" in form) == (100, True)
    Desk(user).post(INBOX, form)
    assert count(user) == ""


def test_marks_that_say_nothing_any_more_go(boss: User) -> None:
    user = factories.associate()
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        tickets = [send_back(factories.ticket(author=user), boss) for _ in range(3)]
        read_marks.read_ticket(user, tickets[0].pk, 2)
    User.objects.filter(pk=user.pk).update(inbox_read_at=timezone.now() - timedelta(hours=2))
    user.refresh_from_db()
    read_marks.read_all(user, timezone.now(), shown=[])
    assert ReadMark.objects.count() == 0
    assert count(user) == ""


def test_the_page_of_a_ticket_is_shown_though_reading_cannot_be_marked(boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss)
    desk, is_sqlite = Desk(user), connection.vendor == "sqlite"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1" if is_sqlite else "SET TRANSACTION READ ONLY")
        assert ticket.title in desk.text(page_of(ticket))
        if is_sqlite:
            cursor.execute("PRAGMA query_only = 0")
        transaction.set_rollback(True)
    assert not ReadMark.objects.exists()


def test_the_reason_stands_in_the_inbox_and_the_way_leads_back_to_it(boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss, "Which <printer>?")
    page = Desk(user).text(INBOX)
    assert ">Which &lt;printer&gt;?</blockquote>" in page
    [way] = links(page, f"{ticket.ticket_number}/")
    assert "Back to the inbox" in words(Desk(user).text(way))


@pytest.mark.parametrize("constraint", ["readmark_one_for_each_ticket", "readmark_version_from_one"])
def test_the_database_holds_marks_to_their_form(constraint: str, author: User) -> None:
    ticket = factories.ticket(author=author)
    versions = [0] if "version" in constraint else [1, 2]
    words_of_sqlite = "user_id" if "each_ticket" in constraint else constraint
    with pytest.raises(IntegrityError, match=f"{constraint}|{words_of_sqlite}"), transaction.atomic():
        ReadMark.objects.bulk_create([ReadMark(user=author, ticket=ticket, version=version) for version in versions])


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_mark_at_once_lose_nothing(boss: User) -> None:
    user = factories.associate()
    tickets = [send_back(factories.ticket(author=user), boss) for _ in range(8)]

    def mark(n: int) -> None:
        try:
            if n == 0:
                read_marks.read_all(User.objects.get(pk=user.pk), timezone.now(), shown=[(t.pk, 2) for t in tickets])
            else:
                read_marks.read_ticket(User.objects.get(pk=user.pk), tickets[n].pk, 2)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(mark, n) for n in range(8) for _ in "12"]:
            done.result()
    assert count(user) == ""


# --- By e-mail -----------------------------------------------------------------------------------------------------


def send(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("mail_inbox")
    return capsys.readouterr().out.strip()


@pytest.fixture
def _mail(settings: Settings) -> None:
    settings.HAS_MAIL = True
    settings.MAILERS = IN_MEMORY
    settings.PUBLIC_URL = "https://desk.example.com"


@pytest.mark.usefixtures("_mail")
def test_who_wants_it_gets_one_mail_with_what_is_new(boss: User, capsys: pytest.CaptureFixture[str]) -> None:
    user = factories.associate(wants_mail=True, name="Rui O'Neil")
    first = factories.ticket(author=user, title="One\nBcc: everybody")
    actions.change_severity(boss, first.pk, severity="HIGH", reason="Say <more>.")
    actions.approve_ticket(boss, factories.ticket(author=user, title="Two").pk)
    assert send(capsys) == "1 mails sent."
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([user.email], "2 things are new on the desk")
    assert f"{first.ticket_number} One Bcc: everybody\n" in letter.body
    assert letter.body.startswith("Hello Rui O'Neil,\n\n")
    assert "Sent back to you by Mia Reed: Say <more>." in letter.body
    assert "Approved by Mia Reed." in letter.body
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
