"""Review mode without JavaScript: each outcome is a form that leads to the next draft."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, hidden, html, links, url, words
from tickets import actions
from tickets.canned.actions import keep_canned_text
from tickets.comments.actions import add_comment
from tickets.models import Comment, Lease, Question, SetAside, Sitting, Ticket, TicketLink, Told

pytestmark = pytest.mark.django_db
MODE = "/desk/review/"


@pytest.fixture
def boss() -> User:
    return factories.manager(name="Max Cruz")


@pytest.fixture
def author() -> User:
    return factories.associate(name="Ann Lee")


def of(ticket: Ticket, what: str) -> str:
    return f"{MODE}{ticket.ticket_number}/{what}/"


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert found
    return words(found[1])


def drafts(*titles: str, author: User | None = None, **fields: Any) -> list[Ticket]:
    return [factories.ticket(author=author, title=title, **fields) for title in titles]


def test_one_draft_after_the_other(boss: User, author: User) -> None:
    one, two, three, four, five = drafts("One", "Two", "Three", "Four", "Five", author=author)
    desk = Desk(boss)
    page = desk.text(MODE)
    assert (heading(page), "1 of 5" in page, "5 drafts left" in page) == ("One", True, True)
    assert Lease.objects.get().ticket == one
    steps: list[tuple[Ticket, str, dict[str, str]]] = [
        (one, "decide", {"decision": "APPROVE", "version": hidden(page, "version")}),
        (two, "decide", {"decision": "LOW", "reason": "It is a small thing."}),
        (three, "decide", {"decision": "HIGH", "reason": "Say more."}),
        (four, "ask", {"text": "Which **one**?", "key": hidden(page, "key")}),
    ]
    for ticket, what, fields in steps:
        assert heading(desk.text(MODE)) == ticket.title
        answer = desk.post(of(ticket, what), fields)
        assert (answer.status_code, answer["Location"]) == (302, MODE)
    page = desk.text(MODE)
    assert (heading(page), "5 of 5" in page, "4 done" in page) == ("Five", True, True)
    assert [ticket.status for ticket in Ticket.objects.oldest_first()] == [
        *("PENDING", "PENDING", "REVIEW", "DRAFT", "DRAFT"),
    ]
    assert Question.objects.get().ticket == four
    assert list(Lease.objects.values_list("ticket", flat=True)) == [five.pk]
    assert desk.post(f"{MODE}leave/")["Location"] == "/desk/tickets/"
    assert (Lease.objects.count(), Sitting.objects.count()) == (0, 0)


def test_a_question_that_is_sent_twice_is_asked_once(boss: User) -> None:
    [draft] = drafts("One")
    fields = {"text": "Which?", "key": hidden(Desk(boss).text(MODE), "key")}
    for _ in range(2):
        assert Desk(boss).post(of(draft, "ask"), fields).status_code == 302
    assert Comment.objects.count() == 1


def test_what_is_put_aside_is_taken_back(boss: User) -> None:
    one, two, _three = drafts("One", "Two", "Three")
    desk = Desk(boss)
    assert heading(desk.text(MODE)) == "One"
    desk.post(of(one, "skip"))
    page = desk.text(MODE)
    assert (heading(page), "Skipped. It comes again at the end:" in page) == ("Two", True)
    desk.post(of(two, "snooze"), {"until": "change"})
    page = desk.text(MODE)
    assert (heading(page), "2 drafts left" in page) == ("Three", True)
    answer = desk.post(f"{MODE}take-back/")
    assert answer["Location"] == f"{MODE}?ticket={two.ticket_number}"
    assert heading(desk.text(answer["Location"])) == "Two"
    desk.post(of(two, "skip"))
    for _ in range(2):
        desk.post(f"{MODE}take-back/")
    assert not SetAside.objects.exists()
    desk.post(f"{MODE}take-back/")
    assert "Nothing is skipped or snoozed." in desk.text(MODE)
    assert desk.post(of(one, "snooze"), {"until": "never"}).status_code == 400


SNOOZES = [("tomorrow", datetime(2026, 11, 26, 6, tzinfo=UTC)), ("week", datetime(2026, 11, 30, 6, tzinfo=UTC))]


@pytest.mark.parametrize(("until", "at"), SNOOZES)
def test_snoozing_ends_in_the_morning(until: str, at: datetime, boss: User) -> None:
    [draft] = drafts("One")
    with time_machine.travel(datetime(2026, 11, 25, 15, tzinfo=UTC)):  # a Wednesday
        Desk(boss).post(of(draft, "snooze"), {"until": until})
    assert SetAside.objects.get().until == at


def test_a_duplicate_is_linked_and_deleted_and_its_author_is_told(boss: User, author: User) -> None:
    known, again = factories.ticket("OPEN", title="The printer jams"), drafts("Printer jams again", author=author)[0]
    desk = Desk(boss)
    wrong = [("TKT-2020-000001", 404, "There is no such ticket."), ("12", 422, "Write a number such as")]
    for number, status, said in wrong:
        answer = desk.post(of(again, "duplicate"), {"of": number, "version": "1"})
        assert (answer.status_code, said in html(answer)) == (status, True)
    stale = desk.post(of(again, "duplicate"), {"of": known.ticket_number, "version": "9"})
    assert (stale.status_code, TicketLink.objects.count()) == (412, 0)
    answer = desk.post(of(again, "duplicate"), {"of": known.ticket_number.lower(), "version": "1"})
    assert answer["Location"] == MODE
    link = TicketLink.objects.get()
    assert (link.source, link.target, link.kind) == (again, known, "DUPLICATE_OF")
    again.refresh_from_db()
    assert again.deleted_by == boss
    page = Desk(author).text("/desk/inbox/")
    said = f"Max Cruz deleted it as a duplicate of {known.ticket_number} The printer jams"
    assert said in words(page)
    assert f'href="{url(known)}"' in page


def test_what_was_resubmitted_comes_first_with_what_changed(boss: User, author: User) -> None:
    drafts("Severe", severity="VERY_HIGH")
    back = factories.ticket("DRAFT", author=author, title="Old title")
    actions.change_severity(boss, back.pk, severity="HIGH", reason="Which floor is it?")
    actions.edit_ticket(author, back.pk, title="New title")
    page = Desk(boss).text(MODE)
    assert heading(page) == "New title"
    assert "Since you sent it back" in page
    assert "Which floor is it?" in page
    assert "Old" in words(page)
    assert "Since you sent it back" not in Desk(factories.manager()).text(f"{MODE}?ticket={back.ticket_number}")


def test_who_loses_a_race_is_told_with_the_text(boss: User) -> None:
    [draft] = drafts("One")
    desk = Desk(boss)
    desk.text(MODE)
    actions.approve_ticket(factories.manager(), draft.pk)
    answer = desk.post(of(draft, "decide"), {"decision": "HIGH", "reason": "My reason", "version": "1"})
    page = html(answer)
    assert (answer.status_code, 'data-refusal="changed_meanwhile"' in page) == (412, True)
    assert ("My reason" in page, "Go on with the next draft" in page) == (True, True)
    assert not Lease.objects.exists()
    [gone] = drafts("Two")
    factories.deleted(gone)
    answer = desk.post(of(gone, "ask"), {"text": "My words"})
    assert (answer.status_code, "My words" in html(answer)) == (404, True)


def test_a_refused_decision_stays_on_the_page(boss: User, author: User) -> None:
    [draft] = drafts("One", author=author)
    desk = Desk(boss)
    answer = desk.post(of(draft, "decide"), {"decision": "HIGH", "reason": " ", "version": "1"})
    assert (answer.status_code, "Write the reason" in html(answer)) == (400, True)
    answer = desk.post(of(draft, "ask"), {"text": " "})
    assert (answer.status_code, 'id="ask" open' in html(answer)) == (422, True)
    back = actions.change_severity(boss, draft.pk, severity="HIGH", reason="More.")
    actions.edit_ticket(author, back.pk, title="Another text")
    answer = desk.post(of(draft, "decide"), {"decision": "LOW", "reason": "Typed before", "version": "1"})
    page = html(answer)
    assert (answer.status_code, heading(page), "Typed before" in page) == (412, "Another text", True)
    assert hidden(page, "version") == "3"


def test_canned_texts_are_inserted_without_javascript(boss: User) -> None:
    [draft] = drafts("One")
    canned = keep_canned_text(boss, name="More", text="Say more on {ticket}.")
    typed = {"decision": "HIGH", "reason": "Please:", "insert": "1", "version": "1"}
    page = html(Desk(boss).post(of(draft, "decide"), typed))
    assert f'<option value="{canned.pk}"' in page
    page = html(Desk(boss).post(of(draft, "decide"), {**typed, "canned": str(canned.pk)}))
    assert f"Please:\nSay more on {draft.ticket_number}." in page
    assert Ticket.objects.get().status == "DRAFT"


def test_what_is_shown_is_read(boss: User, author: User) -> None:
    one, two = drafts("One", "Two", author=author)
    desk = Desk(boss)
    desk.text(MODE)
    desk.get(f"{MODE}next/?besides={one.ticket_number}", headers={"HX-Request": "true"})
    assert [told.ticket for told in Told.objects.unread_by(boss)] == [two]
    desk.post(of(two, "hold"))
    assert Told.objects.unread_by(boss).count() == 1
    desk.post(of(two, "hold"), {"seen": "1"})
    assert not Told.objects.unread_by(boss).exists()


def test_the_order_of_the_list_that_one_came_from(boss: User) -> None:
    for severity in ("LOW", "HIGH", "EASY"):
        drafts(severity, severity=severity)
    desk = Desk(boss)
    query = "?list=sort%3Dseverity%26severity%3DEASY"
    assert f"{MODE}{query}" in links(desk.text("/desk/tickets/?sort=severity&severity=EASY"))
    page = desk.text(f"{MODE}{query}")
    assert (heading(page), "1 draft left" in page) == ("EASY", True)
    answer = desk.post(f"{of(Ticket.objects.get(title='EASY'), 'skip')}{query}")
    assert answer["Location"] == f"{MODE}{query}"


def test_at_the_end_it_says_what_is_left_out(boss: User) -> None:
    asked, snoozed = drafts("Asked", "Snoozed")
    add_comment(boss, asked.pk, text="Which?", is_question=True)
    desk = Desk(boss)
    desk.text(MODE)
    desk.post(of(snoozed, "snooze"), {"until": "tomorrow"})
    page = words(desk.text(MODE))
    for said in ("Nothing is left to review", "1 done", "1 draft waits for an answer", "1 draft is snoozed"):
        assert said in page, said


def test_holding_goes_on_while_the_page_is_in_use(boss: User) -> None:
    [draft] = drafts("One")
    desk = Desk(boss)
    desk.text(MODE)
    Lease.objects.update(until=Lease.objects.get().taken_at + timedelta(seconds=1))
    assert desk.post(of(draft, "hold")).status_code == 204
    assert Lease.objects.get().until > Lease.objects.get().taken_at + timedelta(minutes=4)
    assert desk.post(f"{MODE}leave/", {"rest": "1"}).status_code == 204
    assert (Lease.objects.count(), Sitting.objects.count()) == (0, 1)
    factories.manager()
    other = factories.manager()
    Desk(other).text(MODE)
    assert desk.post(of(draft, "hold")).status_code == 409


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_as_many_queries_for_one_draft_as_for_many(
    count: int, boss: User, author: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = Desk(boss)
    for draft in drafts(*("Draft" for _ in range(count)), author=author):
        for _ in range(count):
            factories.comment(draft)
    for path, literal in ((MODE, 19), (f"{MODE}next/", 17)):
        desk.get(path)  # holds the draft
        with django_assert_num_queries(literal):
            assert desk.get(path, headers={"HX-Request": "true"}).status_code == 200
