"""Whoever looks at the desk sees for whose answer a draft waits, and the author what is owed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, html, links, url, words
from tickets.comments.actions import add_comment
from tickets.models import Comment, Question, Ticket

pytestmark = pytest.mark.django_db
LIST = "/desk/tickets/"


@pytest.fixture
def author() -> User:
    return factories.associate(name="Ann Lee")


@pytest.fixture
def boss() -> User:
    return factories.manager(name="Max Cruz")


def ask(ticket: Ticket, asker: User, text: str = "Which printer?") -> Comment:
    return add_comment(asker, ticket.pk, text=text, is_question=True)


def tabs(page: str) -> dict[str, str]:
    """The count of each tab by its id; that of the present one has a star."""
    found = re.findall(r'<a id="tab-(\w+)"[^>]*?(aria-current="page")?>[^<]*<span class="count">(\d+)', page)
    return {name: count + ("*" if here else "") for name, here, count in found}


def test_lists_mark_it_and_count_it(author: User, boss: User) -> None:
    asked = factories.ticket(author=author, title="Asked")
    factories.ticket(title="Not asked", severity="HIGH")
    desk = Desk(boss)
    usual = {"ALL": "2*", "DRAFT": "2", "REVIEW": "0", "PENDING": "0", "OPEN": "0", "CLOSED": "0"}
    assert tabs(desk.text(LIST)) == usual
    ask(asked, boss)
    page = desk.text(LIST)
    assert tabs(page) == {**usual, "ASKED": "1"}
    assert re.findall(r"Waits for the answer of [\w ]*Ann Lee", words(page)) != []
    [tab] = set(links(page, "waitingFor=author"))
    there = desk.text(f"{LIST}{tab}")
    assert tabs(there) == {**usual, "ALL": "2", "ASKED": "1*"}
    assert ("Not asked" in there, "Take away" in there) == (False, False)
    assert tabs(desk.text(f"{LIST}?waitingFor=author&severity=HIGH")) == {
        "ALL": "1", "DRAFT": "1", "ASKED": "0*", "REVIEW": "0", "PENDING": "0", "OPEN": "0", "CLOSED": "0",
    }  # fmt: skip
    alone = desk.text(f"{LIST}?waitingFor=review")
    assert "waiting for review alone" in alone
    assert ("Not asked" in alone, ">Asked<" in alone) == (True, False)
    both = desk.text(f"{LIST}?awaiting=me")
    assert ("Not asked" in both, ">Asked<" in both) == (True, True)
    assert "Waits for your answer" in words(Desk(author).text(LIST))


def test_the_page_names_who_asked_and_until_when_and_the_asker_withdraws(author: User, boss: User) -> None:
    draft = factories.ticket(author=author)
    asked = ask(draft, boss)
    for reader, said, may in [(author, "Waits for your answer", False), (boss, "Ann Lee", True)]:
        page = words(Desk(reader).text(url(draft)))
        assert said in page
        assert "Max Cruz asked" in page
        assert "waits for an answer" in page
        assert ("Withdraw the question" in page) is may
    answer = Desk(boss).post(f"/desk/comments/{asked.pk}/withdraw/")
    assert answer["Location"].endswith(f"#comment-{asked.pk}")
    page = words(Desk(author).text(url(draft)))
    assert ("Waits for your answer" in page, "Question withdrawn" in page) == (False, True)
    refused = Desk(boss).post(f"/desk/comments/{asked.pk}/withdraw/")
    assert (refused.status_code, 'data-refusal="question_not_waiting"' in html(refused)) == (400, True)


def test_home_and_inbox_of_the_author_have_it_until_it_is_answered(author: User, boss: User) -> None:
    draft = factories.ticket(author=author, title="The printer")
    ask(draft, boss, "Which **one**? ![shot](attachment:x)")
    desk = Desk(author)
    desk.text(url(draft))  # reads what the inbox tells
    for path in ("/desk/", "/desk/inbox/"):
        page = words(desk.text(path))
        assert "Waits for your answer The printer" in page, path
        assert "Max Cruz asks you" in page, path
        assert "Which **one**? shot" in page, path
    assert "Waits for your answer" not in words(Desk(boss).text("/desk/inbox/"))
    factories.comment(draft, author=author)
    for path in ("/desk/", "/desk/inbox/"):
        assert "Waits for your answer" not in words(desk.text(path)), path


def test_home_of_a_manager_counts_apart_what_waits_for_answers(author: User, boss: User) -> None:
    asked, own = factories.ticket(author=author), factories.ticket(author=boss, title="Mine")
    factories.ticket(title="To review")
    ask(asked, factories.manager())
    ask(own, factories.manager())
    page = Desk(boss).text("/desk/")
    assert "1 waiting for your review" in words(page)
    assert "1 more waits for an answer of its author" in words(page)
    assert "Waits for your answer Mine" in words(page)
    [rest] = set(links(page, "waitingFor=author"))
    assert ">Mine<" not in Desk(boss).text(rest)
    Question.objects.update(waits_until=timezone.now() - timedelta(days=1))
    assert "2 waiting for your review" in words(Desk(boss).text("/desk/"))


def test_it_costs_a_list_one_query_for_all(
    author: User, boss: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = Desk(boss)
    for _times in (1, 3):
        for draft in [factories.ticket(author=author) for _ in range(3)]:
            ask(draft, boss)
        desk.text(LIST)
        with django_assert_num_queries(8):
            assert "Waits for the answer of" in words(desk.text(LIST))
