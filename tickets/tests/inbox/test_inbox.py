"""The inbox: what stands there, the count, what is read, what is filtered."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, hidden, html, links, url, words
from tickets import actions
from tickets.following.actions import follow_ticket, leave_ticket
from tickets.inbox import read_marks
from tickets.models import Ticket, Told

pytestmark = pytest.mark.django_db
INBOX = "/desk/inbox/"


def items(user: User, query: str = "") -> list[tuple[str, bool, str]]:
    """Of each ticket in the inbox its number, whether it is unread, and what is said of it."""
    found = re.findall(r"<li( class=\"unread\")?>(.*?)</li>", in_list(Desk(user).text(INBOX + query)), re.DOTALL)
    return [(re.search("TKT-[0-9-]+", item)[0], bool(mark), words(item)) for mark, item in found]  # type: ignore[index]


def in_list(page: str) -> str:
    return page.partition('<ul class="inbox">')[2].partition("</ul>")[0]


def numbers(user: User, query: str = "") -> list[str]:
    return [number for number, _is_unread, _said in items(user, query)]


def unread(user: User) -> list[str]:
    return [number for number, is_unread, _said in items(user) if is_unread]


def count(user: User) -> str:
    return words(Desk(user).text("/desk/inbox/count/", headers={"HX-Request": "true"}))


def press(user: User, page: str, name: str, value: str, query: str = "") -> None:
    """A button of the form on a page that was opened before."""
    assert f'name="{name}" value="{value}"' in page
    fields = {"things": hidden(page, "things"), name: value}
    if 'name="rest"' in page:
        fields["rest"] = hidden(page, "rest")
    assert Desk(user).post(INBOX + query, fields).headers["Location"] == INBOX + query


def send_back(ticket: Ticket, boss: User, reason: str = "Say which one.") -> Ticket:
    return actions.change_severity(boss, ticket.pk, severity="HIGH", reason=reason)


@pytest.mark.parametrize(
    ("way", "heard"),
    [
        (["raise"], "Mia Reed changed the severity from Medium to High and sent it back"),
        (["approve"], "Mia Reed approved it"),
        (["lower"], "Mia Reed changed the severity from Medium to Low and approved it"),
        (["approve", "open"], "The external system reported it as Being worked on"),
        (["approve", "close"], "The external system reported it as Closed"),
        (["approve", "import"], "Mia Reed imported it as Closed"),
    ],
)
def test_an_author_hears_what_others_did(way: list[str], heard: str, author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    steps: dict[str, Any] = {
        "raise": lambda t: send_back(t, boss),
        "lower": lambda t: actions.change_severity(boss, t.pk, severity="LOW", reason="r"),
        "approve": lambda t: actions.approve_ticket(boss, t.pk),
        "open": lambda t: factories.import_status(t, "OPEN"),
        "close": lambda t: factories.import_status(t, "CLOSED"),
        "import": lambda t: factories.import_status(t, "CLOSED", user=boss),
    }
    for step in way:
        ticket = steps[step](ticket)
    [(_number, is_unread, said)] = items(author)
    assert is_unread
    assert heard in said
    assert "You follow it: It is your ticket." in said
    assert items(factories.associate()) == []


def test_a_manager_hears_of_drafts_by_others_and_why(author: User, boss: User) -> None:
    factories.ticket(author=boss)
    first, second = factories.ticket(author=author), factories.ticket(author=author)
    assert numbers(boss) == [second.ticket_number, first.ticket_number]
    assert all("Managers are told of drafts that they may review." in said for _number, _is_unread, said in items(boss))
    actions.approve_ticket(factories.manager(), first.pk)
    assert count(boss) == "1 unread"
    actions.delete_ticket(author, second.pk)
    assert count(boss) == ""
    assert numbers(boss) == [first.ticket_number], "what is deleted is in no list"
    actions.restore_ticket(author, second.pk)
    assert unread(boss) == [second.ticket_number]


def test_the_reasons_to_follow_a_ticket_are_those_of_its_page(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    follow_ticket(boss, ticket.pk)
    factories.comment(ticket, author=boss)
    factories.comment(ticket)
    [(_number, _is_unread, said)] = items(boss)
    assert "You follow it: You wrote a comment. You chose to." in said
    leave_ticket(boss, ticket.pk)
    assert "You follow it" not in items(boss)[0][2]


def test_an_author_hears_that_their_ticket_was_deleted_and_is_led_nowhere(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author, title="The printer of the board")
    follower = factories.associate()
    follow_ticket(follower, ticket.pk)
    factories.comment(ticket, text="A word between us")
    actions.delete_ticket(boss, ticket.pk)
    page = Desk(author).text(INBOX)
    assert "Mia Reed deleted it" in words(in_list(page))
    assert "The printer of the board" in words(in_list(page))
    assert "A word between us" not in page, "what was said there is gone with it"
    assert links(in_list(page), ticket.ticket_number) == []
    [(_number, _is_unread, said)] = items(follower)
    assert "A deleted ticket" in said
    assert "The printer of the board" not in Desk(follower).text(INBOX)
    assert count(author) == count(follower) == "1 unread"
    press(author, page, "read", ticket.ticket_number)
    assert count(author) == ""
    actions.restore_ticket(boss, ticket.pk)
    [(_number, _is_unread, said)] = items(author)
    assert re.search(r"restored it.*deleted it", said)
    assert links(in_list(Desk(author).text(INBOX)), f"{ticket.ticket_number}/")


def test_who_may_restore_it_is_led_to_the_deleted_ticket(author: User, boss: User) -> None:
    ticket, other = factories.ticket(author=author), factories.manager()
    follow_ticket(other, ticket.pk)
    actions.delete_ticket(boss, ticket.pk)
    [way] = links(in_list(Desk(other).text(INBOX)), f"{ticket.ticket_number}/")
    assert "Restore" in Desk(other).text(way)
    assert count(other) == ""


def test_the_count_ends_at_99(author: User, boss: User) -> None:
    for _ in range(101):
        factories.ticket(author=author)
    assert count(boss) == "99+ unread"
    assert '<span class="count new">99+' in Desk(boss).text("/desk/tickets/")


def test_the_count_is_one_statement(author: User, boss: User) -> None:
    factories.ticket(author=author)
    desk = Desk(boss)
    with CaptureQueriesContext(connection) as queries:
        desk.text("/desk/inbox/count/", headers={"HX-Request": "true"})
    assert sum("tickets_told" in query["sql"] for query in queries) == 1


@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
def test_an_inbox_takes_the_same_queries_for_1_and_50_entries(
    role: str, boss: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = factories.person(role)
    desk = Desk(user)
    for entries in (1, 50):
        while Ticket.objects.count() < entries:
            ticket = factories.ticket(author=user)
            factories.comment(ticket)
            actions.approve_ticket(boss, ticket.pk)
        with django_assert_num_queries(
            6
        ):  # session and person, what they are asked and told, saved views and the count
            assert desk.text(INBOX).count('class="unread"') == entries


def test_an_empty_inbox_says_what_will_be_there(author: User) -> None:
    assert "Nothing happened to your tickets yet." in Desk(author).text(INBOX)
    assert "Nothing of this kind." in Desk(author).text(f"{INBOX}?kind=ANSWER")


# --- Read ------------------------------------------------------------------------------------------------------------


def test_opening_a_ticket_reads_what_happened_to_it_and_nothing_else(boss: User) -> None:
    user = factories.associate()
    first, second = (send_back(factories.ticket(author=user), boss) for _ in "12")
    assert count(user) == "2 unread"
    page = Desk(user).text(url(first))
    assert '<span class="count new">1<' in page, "the page itself still counts what it has just shown"
    assert unread(user) == [second.ticket_number]
    Desk(user).client.head(url(second))
    Desk(user).get(url(second), headers={"Sec-Purpose": "prefetch"})
    Desk(boss).text(url(second))
    assert unread(user) == [second.ticket_number]
    Desk(user).text(url(second))
    assert count(user) == ""
    assert numbers(user) == [second.ticket_number, first.ticket_number]


def test_what_happens_after_a_ticket_was_read_is_unread(boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss)
    Desk(user).text(url(ticket))
    actions.edit_ticket(user, ticket.pk, title="Better")
    assert count(user) == ""
    actions.approve_ticket(boss, ticket.pk)
    assert count(user) == "1 unread"
    assert "New" in items(user)[0][2], "of what is partly read the rest is marked"


def test_a_manager_works_the_drafts_off_by_opening_them(boss: User) -> None:
    other = factories.manager()
    drafts = [factories.ticket() for _ in range(3)]
    for left, draft in zip((2, 1, 0), drafts, strict=True):
        Desk(boss).text(url(draft))
        assert count(boss) == (f"{left} unread" if left else "")
    assert count(other) == "3 unread", "what one reads is not read by others"
    send_back(drafts[0], other)
    actions.edit_ticket(drafts[0].created_by, drafts[0].pk, description="More of it.")
    assert unread(boss) == [drafts[0].ticket_number], "it waits again, with another text"


def test_a_ticket_is_marked_as_read_and_unread_again_without_being_opened(boss: User) -> None:
    user = factories.associate()
    first, second = (send_back(factories.ticket(author=user), boss) for _ in "12")
    press(user, page := Desk(user).text(INBOX), "read", first.ticket_number)
    assert unread(user) == [second.ticket_number]
    actions.approve_ticket(boss, actions.edit_ticket(user, first.pk, title="x").pk)
    press(user, page, "read", first.ticket_number)  # a tab that was open all the time
    assert unread(user) == [first.ticket_number, second.ticket_number]
    press(user, page := Desk(user).text(INBOX), "read", first.ticket_number)
    press(user, Desk(user).text(INBOX), "unread", first.ticket_number)
    assert unread(user) == [first.ticket_number, second.ticket_number]
    assert count(user) == "3 unread"


@pytest.mark.parametrize("things", ["", "x", "1.x.-2", "9" * 30, "²"])
def test_nonsense_marks_nothing(things: str, boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss)
    for fields in (
        {"read": ticket.ticket_number},
        {"unread": "x"},
        {"read": "all"},
        {"read": "all", "rest": "x~y"},
        {},
    ):
        assert Desk(user).post(INBOX, {"things": things, **fields}).status_code == 302
    assert count(user) == "1 unread"
    assert Desk(user).get(f"{INBOX}?kind=x&before={things}").status_code == 200


def test_nobody_marks_what_others_are_told_of(boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss)
    things = hidden(Desk(user).text(INBOX), "things")
    for fields in ({"read": "all"}, {"read": ticket.ticket_number}):
        Desk(boss).post(INBOX, {"things": things, **fields})
    assert count(user) == "1 unread"


def test_all_is_marked_as_read_and_what_came_since_is_not(boss: User) -> None:
    user = factories.associate()
    for _ in range(2):
        actions.approve_ticket(boss, factories.ticket(author=user).pk)
    page = Desk(user).text(INBOX)
    later = actions.approve_ticket(boss, factories.ticket(author=user).pk)
    press(user, page, "read", "all")
    assert unread(user) == [later.ticket_number]
    press(user, Desk(user).text(INBOX), "read", "all")
    assert count(user) == ""
    assert "Mark all as read" not in Desk(user).text(INBOX)


def test_marking_all_reads_also_what_the_page_left_out(boss: User) -> None:
    user = factories.associate()
    for _ in range(103):
        actions.approve_ticket(boss, factories.ticket(author=user).pk)
    page = Desk(user).text(INBOX)
    later = actions.approve_ticket(boss, factories.ticket(author=user).pk)
    press(user, page, "read", "all")
    assert unread(user) == [later.ticket_number]
    assert count(user) == "1 unread"


def test_a_filter_shows_and_marks_one_kind_only(author: User, boss: User) -> None:
    sent_back = send_back(factories.ticket(author=author), boss)
    for _ in range(102):
        factories.comment(sent_back)
    approved = actions.approve_ticket(boss, factories.ticket(author=author).pk)
    assert numbers(author, "?kind=APPROVED") == [approved.ticket_number]
    assert numbers(author, "?kind=SENT_BACK") == [sent_back.ticket_number]
    page = Desk(author).text(f"{INBOX}?kind=COMMENT")
    assert links(page, "kind=SENT_BACK") == ["?kind=SENT_BACK"]
    [older] = links(page, "before=")
    assert "kind=COMMENT" in older
    assert "and 95 more" in words(page)
    rest = Desk(author).text(f"{INBOX}{unescape(older)}")
    assert hidden(rest, "things").count(".") == 1
    assert links(rest, "kind=APPROVED") == ["?kind=APPROVED"], "another kind begins with its newest"
    press(author, page, "read", "all", "?kind=COMMENT")
    left = Told.objects.unread_by(author).order_by("pk").values_list("kind", flat=True)
    assert list(left) == ["SENT_BACK", "APPROVED"]


def test_only_managers_are_offered_the_drafts(author: User, boss: User) -> None:
    assert links(Desk(author).text(INBOX), "kind=DRAFT") == []
    assert links(Desk(boss).text(INBOX), "kind=DRAFT") == ["?kind=DRAFT"]


def test_the_page_of_a_ticket_is_shown_though_reading_cannot_be_marked(boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss)
    desk, is_sqlite = Desk(user), connection.vendor == "sqlite"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1" if is_sqlite else "SET TRANSACTION READ ONLY")
        assert ticket.title in desk.text(url(ticket))
        if is_sqlite:
            cursor.execute("PRAGMA query_only = 0")
        transaction.set_rollback(True)
    assert count(user) == "1 unread"


def test_the_reason_stands_in_the_inbox_and_the_way_leads_back_to_it(boss: User) -> None:
    user = factories.associate()
    ticket = send_back(factories.ticket(author=user), boss, "Which <printer>?")
    page = Desk(user).text(INBOX)
    assert ">Which &lt;printer&gt;?</blockquote>" in page
    [way] = links(page, f"{ticket.ticket_number}/")
    assert "Back to the inbox" in words(Desk(user).text(way))


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_mark_at_once_lose_nothing(boss: User) -> None:
    user = factories.associate()
    tickets = [send_back(factories.ticket(author=user), boss) for _ in range(8)]
    keys = list(Told.objects.unread_by(user).values_list("pk", flat=True))

    def mark(n: int) -> None:
        try:
            if n % 2:
                read_marks.read_all(user, shown=keys)
            else:
                Desk(user).text(url(tickets[n]))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(mark, n) for n in range(8) for _ in "12"]:
            done.result()
    assert count(user) == ""


def test_the_count_without_htmx_leads_to_the_inbox(author: User) -> None:
    assert html(Desk(author).get("/desk/inbox/count/")) == ""
    assert Desk(author).get("/desk/inbox/count/").headers["Location"] == INBOX
