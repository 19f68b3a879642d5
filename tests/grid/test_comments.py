"""Who may do what with comments: endpoint, role, whose comment and state of the ticket, as one table has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config import clock
from tests.support.databases.modules import made_for_a_module
from tests.support.grid.answers import problem
from tests.support.grid.comments import ATTEMPTS, WITHDRAW, CommentAttempt
from tests.support.grid.desk import GridDesk
from tests.support.grid.moves import IDENTITIES, STATES
from tickets.models import Comment, CommentVersion, Question

pytestmark = pytest.mark.django_db
desk = made_for_a_module(GridDesk)

NOTHING = "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11"
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BY_PAGE = [
    ("POST", "add"),
    *(("GET", "edit"), ("POST", "edit"), ("POST", "edit own")),
    *(("GET", "remove"), ("POST", "remove"), ("POST", "remove own"), ("POST", "withdraw")),
    ("GET", "versions"),
]
SIGNED_OUT = ("nobody", "inactive", "demoted")


def test_the_tables_have_every_combination() -> None:
    for name, attempt in ATTEMPTS.items():
        states = {*STATES, "-LIVE"} if "{comment}" in attempt.path else set(STATES)
        assert set(attempt.answers) == {(state, who) for state in states for who in IDENTITIES}, name


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_api_answers_as_the_table_says(name: str, desk: GridDesk) -> None:
    attempt, problems = ATTEMPTS[name], []
    for (state, who), answer in attempt.answers.items():
        with desk.undone():
            ids = written(desk, attempt, state, who)
            path = attempt.path.format(**ids)
            body = [] if attempt.body is None else [attempt.body]
            answered = desk.api(who, attempt.method, path, *body)
            if answer in ("ok", "empty"):
                wrong = done_wrong(attempt, answered.status, answered.response.json(), ids, answer)
            else:
                wrong = problem(answered, answer, path=path)
        if wrong:
            problems.append(f"{state} {who}: {answer} expected, {wrong}")
    assert problems == []


# A page takes ten times as long as an answer of the API, so it is asked in fewer states and by fewer.
@pytest.mark.one_database
@pytest.mark.parametrize(("method", "name"), BY_PAGE)
def test_a_page_answers_as_the_api_does(name: str, method: str, desk: GridDesk) -> None:
    attempt, problems = ATTEMPTS[name], []
    for (state, who), by_api in attempt.answers.items():
        tried = ("DRAFT" if name == "withdraw" else "CLOSED", "-DRAFT", "-LIVE", "none")
        if state not in tried or who in ("staff", "chief", "own-chief"):
            continue
        with desk.undone():
            ids = written(desk, attempt, state, who)
            path = attempt.page.format(**ids)
            answered = desk.page(who, method, path, attempt.body if method == "POST" else None)
            if by_api not in ("ok", "empty"):
                wrong = problem(answered, "login" if by_api == "401" else by_api, path=path)
            elif method == "GET":
                wrong = shown_wrong(name, answered.status, answered.text, by_api)
            else:
                wrong = posted_wrong(attempt, answered.status, answered.location, ids)
        if wrong:
            problems.append(f"{state} {who}: {by_api} expected, {wrong}")
    assert problems == []


def shown_wrong(name: str, status: int, page: str, answer: str) -> str:
    shows = "Before" if name == "versions" else "Now"
    return "" if (status, shows in page) == (200, answer == "ok") else f"{status} {page[:200]}"


def posted_wrong(attempt: CommentAttempt, status: int, location: str, ids: dict[str, str]) -> str:
    """What is wrong with where it leads, or with what it leaves behind."""
    found = Comment.objects.get(pk=ids["comment"])
    what = attempt.page.split("/")[-2]
    last = found if what == "withdraw" else found.ticket.comments.latest("created_at")
    told, wanted = {
        "comments": ((last.text, found.text), ("Is it still so?", "Now")),
        "edit": ((last.text, found.versions.count()), ("It is *not* any more.", 2)),
        "withdraw": (_ending_of(found), "WITHDRAWN"),
        "remove": ((last.text, last.removed_at is not None), ("", True)),
    }[what]
    place = f"/desk/tickets/{ids['number']}/?comment={last.pk}#comment-{last.pk}"
    done = (status, location, told)
    return "" if done == (302, place, wanted) else f"{done} and not {wanted}"


def _ending_of(comment: Comment) -> str | None:
    return Question.objects.filter(pk=comment.pk).values_list("ending", flat=True).first()


def written(desk: GridDesk, attempt: CommentAttempt, state: str, who: str) -> dict[str, str]:
    """The ids of a ticket in this state and of a comment there that was edited once, made past the actions."""
    ticket = desk.ticket("OPEN" if state == "-LIVE" else state, who)
    if ticket is None:
        return {"ticket": NOTHING, "comment": NOTHING, "number": "TKT-2026-999999"}
    author = desk.person("colleague" if attempt.by == "colleague" or who in SIGNED_OUT else who)
    gone = {"text": "", "html": "", "removed_at": AT, "removed_by": desk.boss} if state == "-LIVE" else {}
    fields: dict[str, Any] = {"text": "Now", "html": "<p>Now</p>", "rendering": 1, "created_at": AT, "edited_at": AT}
    fields["is_question"] = attempt.page == WITHDRAW
    comment = Comment.objects.create(ticket=ticket, author=author, **{**fields, **gone})
    CommentVersion.objects.create(comment=comment, text="Before", written_at=AT)
    if attempt.page == WITHDRAW and ticket.status == "DRAFT" and not gone:
        Question.objects.create(comment=comment, ticket=ticket, asker=author, waits_until=clock.now() + timedelta(1))
    return {"ticket": str(ticket.pk), "comment": str(comment.pk), "number": ticket.ticket_number}


def done_wrong(attempt: CommentAttempt, status: int, body: Any, ids: dict[str, str], answer: str) -> str:
    """What is wrong with the answer, or with what it leaves behind."""
    if status != attempt.status:
        return f"{status} {body}"
    found = Comment.objects.get(pk=ids["comment"])
    match attempt.method, attempt.path.rpartition("/")[2]:
        case "GET", "versions":
            told: Any = [version["text"] for version in body]
            wanted: Any = [] if answer == "empty" else ["Before"]
        case "GET", "comments":
            last = found.ticket.comments.latest("created_at")
            told, wanted = body["items"][-1]["id"], str(last.pk)
        case "DELETE", "question":
            told, wanted = body["questionState"], "WITHDRAWN"
        case "POST", _:
            told = body["ticketId"], Comment.objects.get(pk=body["id"]).text
            wanted = ids["ticket"], "Is it still so?"
        case "PATCH", _:
            told, wanted = (body["text"], found.text), ("It is *not* any more.",) * 2
        case _:
            told, wanted = (body["text"], found.text, bool(body["removedAt"])), (None, "", True)
    return "" if told == wanted else f"{told} and not {wanted}"
