"""Nothing that is done with a text takes time that grows faster than the text."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.long_texts import TEXTS, little_time
from tests.support.pages import Desk, html
from tickets import actions
from tickets.models import Ticket, TicketText
from tickets.search import folding
from tickets.search.similar import most_alike, similar_tickets
from tickets.templatetags import desk, hits
from tickets.texts.characters import is_invisible, stream_safe
from triage.heuristic import scoring

MARKS = TEXTS["two runs of marks"]
BODY = {"dueDate": "2030-01-01", "severity": "LOW"}
every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.mark.no_database
@every_text
def test_a_text_is_folded_in_little_time(text: str) -> None:
    with little_time():
        folding.fold(text)
        folding.fold_as_before(text)
        is_invisible(text)


@pytest.mark.no_database
@every_text
def test_a_severity_is_suggested_in_little_time(text: str) -> None:
    with little_time():
        scoring.suggest(text[:200], text)


@pytest.mark.no_database
@every_text
def test_a_text_is_shown_in_little_time(text: str) -> None:
    with little_time():
        desk.linked(text)
        desk.flat(text)
        hits.excerpt(text, text[-1000:])
        hits.marked(text[:200], text[:1000])


@pytest.mark.no_database
@every_text
def test_two_texts_are_compared_in_little_time(text: str) -> None:
    with little_time():
        desk.compared(text, text[::-1])
        desk.compared(f"{text[:50_000]}x{text[50_000:]}", f"{text[:49_000]}y{text[49_000:]}")


@pytest.mark.no_database
@every_text
def test_similar_titles_are_found_in_little_time(text: str) -> None:
    with little_time():
        most_alike(text[:200], {n: text[n : n + 200] for n in range(1000)}, limit=5)


@pytest.mark.no_database
def test_at_most_thirty_marks_stand_on_a_letter() -> None:
    thirty = "e" + "\u0301" * 30
    assert stream_safe(thirty) == thirty
    assert stream_safe(f"a{thirty}\u0316\u0316 b\u0301") == f"a{thirty} b\u0301"
    assert stream_safe("-" * 100) == "-" * 100
    assert stream_safe(MARKS) == "a" + "\u0301" * 30


@pytest.mark.no_database
def test_the_marks_of_a_query_are_bounded_as_those_of_the_text_are() -> None:
    assert folding.fold(MARKS) == folding.fold("A" + "\u0301" * 40) == "\u00e1" + "\u0301" * 29


# --- Whole requests


@pytest.mark.django_db
def test_a_ticket_of_many_marks_is_made_found_shown_edited_and_reviewed_in_little_time(author: User) -> None:
    client, boss = ApiClient(author), factories.manager()
    ordinary = factories.ticket("REVIEW", author=author)
    Desk(author).text(f"/desk/tickets/{ordinary.ticket_number}/")  # what only the first request of a process costs
    Desk(author).text("/desk/tickets/?q=marks")
    with little_time(2):
        made = client.post("/tickets", {"title": "marks", "description": MARKS, **BODY})
        assert made.status_code == 201
        assert client.post("/tickets", {"title": MARKS[:200], "description": MARKS, **BODY}).status_code == 201
        assert client.get("/tickets?q=marks").json()["total"] == 1
        assert Desk(author).get("/desk/tickets/?q=marks").status_code == 200
        assert Desk(author).get(f"/desk/tickets/{made.json()['ticketNumber']}/").status_code == 200
    path = f"/tickets/{made.json()['id']}"
    change = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": MARKS[:500]}
    with little_time(2):
        assert ApiClient(boss).patch(f"{path}/review", change).status_code == 200
        assert client.patch(path, {"description": MARKS[::-1]}).status_code == 200
        assert Desk(author).get(f"/desk/tickets/{made.json()['ticketNumber']}/").status_code == 200
        assert Desk(author).get("/desk/inbox/").status_code == 200


@pytest.mark.django_db
def test_a_suggestion_for_many_marks_takes_little_time(author: User) -> None:
    ApiClient(author).post("/ai/severity-suggestion", {"title": "t", "description": "d"})
    with little_time():
        body = {"title": MARKS[:200], "description": MARKS}
        assert ApiClient(author).post("/ai/severity-suggestion", body).status_code == 201


@pytest.mark.django_db
def test_looking_for_similar_tickets_takes_titles_of_any_length(author: User) -> None:
    factories.ticket(title="The printer is jammed")
    title = f"printer jammed {MARKS * 5}"
    Desk(author).text("/desk/tickets/new/")
    with little_time():
        page = Desk(author).post("/desk/tickets/new/", {"title": title, "look": "1"})
    assert page.status_code == 200
    assert "The printer is jammed" in html(page)
    assert [ticket.title for ticket in similar_tickets(author, "printer jammed " + "other words " * 10_000)]


# --- Nothing is folded while others wait


class Folding:
    """Whether each call of `fold` came within a transaction, seen from outside."""

    def __init__(self) -> None:
        self.in_transaction: list[bool] = []

    def __call__(self, frame: Any, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code is folding.fold.__code__:
            self.in_transaction.append(connection.in_atomic_block)

    def __enter__(self) -> list[bool]:
        sys.setprofile(self)
        return self.in_transaction

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)


@pytest.mark.django_db(transaction=True)
def test_no_text_is_folded_while_the_year_or_a_ticket_is_locked(author: User) -> None:
    boss, desk = factories.manager(), Desk(author)
    typed = {"title": "t", "description": "d", "due_date": "2030-01-01T00:00", "severity": "LOW"}
    key = {"key": "c9f2a1de-3c9a-4a55-8f0e-0a4a3a3a3a3a"}
    with Folding() as calls:
        ApiClient(author).post("/tickets", {"title": "t", "description": "d", **BODY})
        for _twice in range(2):
            assert desk.post("/desk/tickets/new/", typed | key).status_code == 302
    assert set(calls) == {False}
    made = Ticket.objects.newest_first()[0]
    actions.change_severity(boss, made.pk, severity="HIGH", reason="Please say more.")
    with Folding() as calls:
        ApiClient(author).patch(f"/tickets/{made.pk}", {"title": "New", "description": "Newer"})
    assert calls == [False, False]
    assert TicketText.objects.get(ticket=made).text == f"{made.ticket_number.lower()}ΩnewΩnewer"
