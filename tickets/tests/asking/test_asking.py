"""A draft waits for its author's answer once a manager asks, until one of four things ends that."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets import actions
from tickets.comments.actions import add_comment, edit_comment, remove_comment, withdraw_question
from tickets.models import Comment, Question, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def boss() -> User:
    return factories.manager()


def ask(ticket: Ticket, asker: User) -> Comment:
    return add_comment(asker, ticket.pk, text="Which printer?", is_question=True)


def states(ticket: Ticket) -> list[str | None]:
    """What the API says of each comment."""
    items = ApiClient(factories.manager()).get(f"/tickets/{ticket.pk}/comments").json()["items"]
    return [item["questionState"] for item in items]


def waiting(what: str, user: User | None = None) -> list[str]:
    answer = ApiClient(user or factories.associate()).get(f"/tickets?waitingFor={what}").json()
    assert answer["total"] == len(answer["items"])
    return [item["title"] for item in answer["items"]]


def test_a_question_leaves_the_ticket_as_it_is(author: User, boss: User) -> None:
    draft = factories.ticket(author=author, title="Asked")
    factories.ticket(title="Not asked")
    before = Ticket.objects.filter(pk=draft.pk).values().get()
    told = ApiClient(boss).post(f"/tickets/{draft.pk}/comments", {"text": "Which one?", "isQuestion": True}).json()
    assert told["questionState"] == "WAITING"
    made = Comment.objects.get(pk=told["id"])
    assert Question.objects.get().waits_until == made.created_at + timedelta(days=7)
    assert told["waitsUntil"] > told["createdAt"]
    assert Ticket.objects.filter(pk=draft.pk).values().get() == before
    assert (waiting("author"), waiting("review")) == (["Asked"], ["Not asked"])


class Asked(NamedTuple):
    draft: Ticket
    asked: Comment
    author: User
    boss: User


# What happens next -> what the question has become, and for what the draft waits then.
ENDINGS: dict[str, tuple[Callable[[Asked], Any], str, str]] = {
    "nothing": (lambda it: None, "WAITING", "author"),
    "the author comments": (lambda it: _say(it.author, it.draft), "ANSWERED", "review"),
    "the author asks back": (lambda it: ask(it.draft, it.author), "ANSWERED", "review"),
    "somebody else comments": (lambda it: _say(factories.associate(), it.draft), "WAITING", "author"),
    "the asker comments": (lambda it: _say(it.boss, it.draft), "WAITING", "author"),
    "the asker edits it": (lambda it: edit_comment(it.boss, it.asked.pk, text="Or?"), "WAITING", "author"),
    "the asker withdraws": (lambda it: withdraw_question(it.boss, it.asked.pk), "WITHDRAWN", "review"),
    "it is removed": (lambda it: remove_comment(factories.manager(), it.asked.pk), "WITHDRAWN", "review"),
    "approval": (lambda it: actions.approve_ticket(factories.manager(), it.draft.pk), "DECIDED", ""),
    "sent back": (lambda it: factories.advance(it.draft, "REVIEW"), "DECIDED", ""),
    "deletion": (lambda it: factories.deleted(it.draft), "WAITING", ""),
    "deleted and restored": (
        lambda it: factories.restored(factories.deleted(it.draft)),
        "WAITING",
        "author",
    ),
}


def _say(user: User, ticket: Ticket) -> Comment:
    return factories.comment(ticket, author=user)


@pytest.mark.parametrize("what", ENDINGS)
def test_a_question_ends_by_what_the_page_says_and_by_nothing_else(what: str, author: User, boss: User) -> None:
    act, state, waits_for = ENDINGS[what]
    draft = factories.ticket(author=author, title="Asked")
    act(Asked(draft, ask(draft, boss), author, boss))
    assert Question.objects.get().state == state
    assert (waiting("author"), waiting("review")) == (
        ["Asked"] if waits_for == "author" else [],
        ["Asked"] if waits_for == "review" else [],
    )


def test_the_author_answers_by_editing_a_comment(author: User, boss: User) -> None:
    draft = factories.ticket(author=author)
    said = factories.comment(draft, author=author)
    ask(draft, boss)
    edit_comment(author, said.pk, text=said.text)  # nothing is changed
    assert states(draft) == [None, "WAITING"]
    edit_comment(author, said.pk, text="It is the one on the left.")
    assert states(draft) == [None, "ANSWERED"]


def test_time_ends_it_without_anything_running(author: User, boss: User, settings: Any) -> None:
    draft = factories.ticket(author=author, title="Asked")
    asked = ask(draft, boss)
    Question.objects.update(waits_until=asked.created_at)  # as if it had been asked seven days ago
    with time_machine.travel(timezone.now() + timedelta(seconds=1)):
        assert (waiting("author"), waiting("review"), states(draft)) == ([], ["Asked"], ["UNANSWERED"])
        assert_error(ApiClient(boss).delete(f"/comments/{asked.pk}/question"), 400, "question_not_waiting")
        factories.comment(draft, author=author)
        assert states(draft) == ["UNANSWERED", None]
    settings.QUESTION_WAITS = timedelta(hours=2)
    again = ask(draft, boss)
    assert again.question.waits_until == again.created_at + timedelta(hours=2)


@pytest.mark.parametrize("who", ["author", "colleague", "manager who raised it"])
def test_only_who_could_decide_keeps_a_draft_waiting(who: str, author: User, boss: User) -> None:
    draft = factories.ticket(author=boss if who == "manager who raised it" else author)
    asker = {"author": author, "colleague": factories.associate()}.get(who, boss)
    ask(draft, asker)
    assert (states(draft), Question.objects.exists()) == ([None], False)


@pytest.mark.parametrize("status", ["REVIEW", "PENDING", "OPEN", "CLOSED"])
def test_only_drafts_wait(status: str, boss: User) -> None:
    ticket = factories.ticket(status)
    ask(ticket, boss)
    assert (states(ticket), waiting("author")) == ([None], [])


def test_several_ask_and_one_answer_is_enough(author: User, boss: User) -> None:
    draft, other = factories.ticket(author=author, title="Asked"), factories.manager()
    first = ask(draft, boss)
    ask(draft, other)
    withdraw_question(boss, first.pk)
    assert waiting("author") == ["Asked"]
    ask(draft, boss)
    factories.comment(draft, author=author)
    assert (states(draft), waiting("author")) == (["WITHDRAWN", "ANSWERED", "ANSWERED", None], [])


def test_another_draft_of_the_same_ticket_begins_anew(author: User, boss: User) -> None:
    draft = factories.ticket(author=author)
    ask(draft, boss)
    sent_back = factories.advance(draft, "REVIEW")
    again = actions.edit_ticket(author, sent_back.pk, title="Say it again")
    assert (waiting("author"), states(again)) == ([], ["DECIDED"])
    ask(again, boss)
    assert waiting("author") == ["Say it again"]
    assert list(Question.objects.of_present_draft().values_list("ending", flat=True)) == [""]


def test_who_withdraws_and_what_is_said_to_others(author: User, boss: User) -> None:
    draft = factories.ticket(author=author)
    asked, said = ask(draft, boss), factories.comment(draft, author=boss)
    address = f"/comments/{asked.pk}/question"
    for other in (author, factories.manager()):
        assert_error(ApiClient(other).delete(address), 403, "not_your_comment")
    assert_error(ApiClient(boss).delete(f"/comments/{said.pk}/question"), 400, "question_not_waiting")
    assert_error(ApiClient(boss).delete(f"/comments/{uuid.uuid4()}/question"), 404, "comment_not_found")
    answer = ApiClient(boss).delete(address)
    assert (answer.status_code, answer.json()["questionState"]) == (200, "WITHDRAWN")
    assert_error(ApiClient(boss).delete(address), 400, "question_not_waiting")


@pytest.mark.parametrize("value", ["me", "AUTHOR", "author%20"])
def test_a_value_that_is_none_is_named(value: str, author: User) -> None:
    answer = ApiClient(author).get(f"/tickets?waitingFor={value}")
    assert_error(answer, 400, "invalid_input")
    assert answer.json()["fields"] == {"waitingFor": ["Write one of author, review."]}


def test_a_list_by_what_is_waited_for_has_no_tag(author: User) -> None:
    """It changes by time alone."""
    assert "ETag" in ApiClient(author).get("/tickets")
    assert "ETag" not in ApiClient(author).get("/tickets?waitingFor=author")


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("question_ends_by_something", {"ending": "ANSWERED"}),
    ("question_ends_by_something", {"ended_at": timezone.now()}),
    ("question_ends_before_its_time", {"ended_at": timezone.now() + timedelta(days=9), "ending": "WITHDRAWN"}),
    ("question_past_once_decided", {"ended_at": timezone.now(), "ending": "DECIDED"}),
]


@pytest.mark.parametrize(("name", "fields"), BROKEN)
def test_the_database_holds_it(name: str, fields: dict[str, Any], author: User, boss: User) -> None:
    ask(factories.ticket(author=author), boss)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Question.objects.update(**fields)


def test_the_look_for_what_waits_is_by_an_index(boss: User) -> None:
    if connection.vendor == "sqlite":
        ask(factories.ticket(), boss)
        plan = Ticket.objects.waiting_for_review().explain()
        assert "question_of_draft" in plan
