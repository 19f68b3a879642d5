"""Comments over REST: what is written, read, edited and removed, and what is refused."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.comments import rendering
from tickets.models import Comment, CommentVersion, HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

FIELDS = {"id", "ticketId", "authorId", "text", "html", "isQuestion", "createdAt", "editedAt", "removedAt"}
FIELDS |= {"questionState", "waitsUntil"}


@pytest.fixture
def ana() -> User:
    return factories.associate()


@pytest.fixture
def ticket(ana: User) -> Ticket:
    return factories.ticket(author=ana)


def say(user: User, ticket: Ticket, text: str = "Is it *still* so?", **more: Any) -> dict[str, Any]:
    answer = ApiClient(user).post(f"/tickets/{ticket.pk}/comments", {"text": text, **more})
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    return body


def listed(user: User, ticket: Ticket, query: str = "") -> Any:
    answer = ApiClient(user).get(f"/tickets/{ticket.pk}/comments{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def versions(user: User, comment: dict[str, Any]) -> Any:
    answer = ApiClient(user).get(f"/comments/{comment['id']}/versions")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_comment_is_written_and_read(ana: User, ticket: Ticket) -> None:
    boss = factories.manager()
    asked = say(boss, ticket, isQuestion=True)
    assert set(asked) == FIELDS
    assert asked | {"id": "", "createdAt": "", "waitsUntil": ""} == {
        "id": "",
        "ticketId": str(ticket.pk),
        "authorId": str(boss.pk),
        "text": "Is it *still* so?",
        "html": '<p dir="auto">Is it <em>still</em> so?</p>\n',
        "isQuestion": True,
        "createdAt": "",
        "editedAt": None,
        "removedAt": None,
        "questionState": "WAITING",
        "waitsUntil": "",
    }
    answered = say(ana, ticket, "Yes: see TKT-2026-000001.")
    assert answered["isQuestion"] is False
    asked["questionState"] = "ANSWERED"
    assert listed(factories.associate(), ticket) == {"items": [asked, answered], "total": 2, "page": 1, "pageSize": 20}


@pytest.mark.parametrize("status", ["DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"])
def test_the_ticket_stays_as_it_is(status: str) -> None:
    ticket = factories.ticket(status)
    before = Ticket.objects.filter(pk=ticket.pk).values().get()
    comment = say(factories.associate(), ticket)
    boss = ApiClient(factories.manager())
    assert boss.delete(f"/comments/{comment['id']}").status_code == 200
    assert Ticket.objects.filter(pk=ticket.pk).values().get() == before
    assert HistoryEntry.objects.filter(ticket=ticket).count() == ticket.version
    assert boss.get(f"/tickets/{ticket.pk}")["ETag"] == f'"{ticket.version}"'


def test_comments_are_paged_oldest_first(ana: User, ticket: Ticket) -> None:
    said = [say(ana, ticket, f"No. {n}")["id"] for n in range(5)]
    pages = [listed(ana, ticket, f"?pageSize=2&page={page}") for page in (1, 2, 3, 4)]
    ids = [[item["id"] for item in page["items"]] for page in pages]
    assert sorted(id for page in ids for id in page) == sorted(said)
    assert [len(page) for page in ids] == [2, 2, 1, 0]
    assert {(page["total"], page["pageSize"]) for page in pages} == {(5, 2)}
    times = [item["createdAt"] for page in pages for item in page["items"]]
    assert times == sorted(times)
    other = factories.ticket()
    assert listed(ana, other)["items"] == []
    for query in ("page=0", "pageSize=x", "page=-1"):
        assert_error(ApiClient(ana).get(f"/tickets/{other.pk}/comments?{query}"), 400, "invalid_input")


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_comment_as_for_many(
    ana: User, ticket: Ticket, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        say(ana, ticket)
    api = ApiClient(ana)
    with django_assert_num_queries(4):  # who asks, the ticket, how many there are, and the comments
        assert len(api.get(f"/tickets/{ticket.pk}/comments").json()["items"]) == count


def test_writing_takes_these_statements(ana: User, ticket: Ticket) -> None:
    api = ApiClient(ana)
    with CaptureQueriesContext(connection) as asked:
        assert api.post(f"/tickets/{ticket.pk}/comments", {"text": "x"}).status_code == 201
    statements = [query["sql"].split()[0] for query in asked]
    # Who asks; the ticket, shared to the end of the transaction; whether the comment asks about a draft or answers; the
    # comment, and what search reads of it; who is to be told, which is nobody; what it answers, and who
    # has put the ticket aside until something happens.
    assert statements == [
        "SELECT",
        "SAVEPOINT",
        "SELECT",
        "SELECT",
        "INSERT",
        "INSERT",
        "SELECT",
        "UPDATE",
        "DELETE",
        "RELEASE",
    ]
    shared = "FOR KEY SHARE" in asked[2]["sql"]
    assert shared is (connection.vendor == "postgresql")


# --- Editing and removing


def test_an_edit_is_marked_and_the_earlier_texts_are_kept(ana: User, ticket: Ticket) -> None:
    first = say(ana, ticket, "One")
    api, path = ApiClient(ana), f"/comments/{first['id']}"
    second = api.patch(path, {"text": "**Two**"}).json()
    assert second == {
        **first,
        "text": "**Two**",
        "html": '<p dir="auto"><strong>Two</strong></p>\n',
        "editedAt": second["editedAt"],
    }
    assert second["editedAt"] > first["createdAt"]
    third = api.patch(path, {"text": "Three"}).json()
    assert third["editedAt"] > second["editedAt"]
    assert listed(ana, ticket)["items"] == [third]
    for person in (factories.associate(), factories.manager()):
        assert versions(person, first) == [
            {"text": "One", "writtenAt": first["createdAt"]},
            {"text": "**Two**", "writtenAt": second["editedAt"]},
        ]


def test_the_same_text_changes_nothing(ana: User, ticket: Ticket) -> None:
    first = say(ana, ticket, "One\ntwo")
    for text in ("One\ntwo", "One\r\ntwo"):
        answer = ApiClient(ana).patch(f"/comments/{first['id']}", {"text": text})
        assert (answer.status_code, answer.json()) == (200, first)
    assert versions(ana, first) == []


@pytest.mark.parametrize("by", ["author", "manager"])
def test_a_removed_comment_leaves_its_place_and_managers_can_read_it(ana: User, ticket: Ticket, by: str) -> None:
    boss = factories.manager()
    first, later = say(ana, ticket, "One"), say(boss, ticket, "Another")
    edited = ApiClient(ana).patch(f"/comments/{first['id']}", {"text": "Two"}).json()
    removed = ApiClient(ana if by == "author" else boss).delete(f"/comments/{first['id']}").json()
    assert removed == {**edited, "text": None, "html": None, "removedAt": removed["removedAt"]}
    assert removed["removedAt"] >= edited["editedAt"]
    assert listed(ana, ticket)["items"] == [removed, later]
    for person in (ana, factories.associate()):
        assert versions(person, first) == []
    assert [version["text"] for version in versions(boss, first)] == ["One", "Two"]
    kept = Comment.objects.get(pk=first["id"])
    assert (kept.text, kept.html, kept.removed_by) == ("", "", ana if by == "author" else boss)
    for attempt in ("patch", "delete"):
        body = [{"text": "Three"}] if attempt == "patch" else []
        answer = getattr(ApiClient(ana), attempt)(f"/comments/{first['id']}", *body)
        assert_error(answer, 404, "comment_not_found")


def test_somebody_elses_comment_is_left_alone(ana: User, ticket: Ticket) -> None:
    said, boss = say(ana, ticket), factories.manager()
    for person in (factories.associate(), boss):
        assert_error(ApiClient(person).patch(f"/comments/{said['id']}", {"text": "x"}), 403, "not_your_comment")
    assert_error(ApiClient(factories.associate()).delete(f"/comments/{said['id']}"), 403, "not_your_comment")
    assert listed(ana, ticket)["items"] == [said]


def test_a_deleted_ticket_hides_its_comments_and_brings_them_back(ana: User, ticket: Ticket) -> None:
    said = say(ana, ticket)
    factories.deleted(ticket, by=ana)
    for person in (ana, factories.manager()):
        api = ApiClient(person)
        for answer in (
            api.get(f"/tickets/{ticket.pk}/comments"),
            api.post(f"/tickets/{ticket.pk}/comments", {"text": "x"}),
            api.patch(f"/comments/{said['id']}", {"text": "x"}),
            api.delete(f"/comments/{said['id']}"),
            api.get(f"/comments/{said['id']}/versions"),
        ):
            assert_error(answer, 404, "ticket_not_found", "Ticket not found")
    factories.restored(ticket)
    assert listed(ana, ticket)["items"] == [said]


@pytest.mark.parametrize("id", [str(uuid.UUID(int=7)), "x", "1", "%00", "TKT-2026-000001", "x" * 3000], ids=range(6))
def test_a_comment_that_is_none_is_not_found(ana: User, id: str) -> None:
    api = ApiClient(ana)
    for answer in (
        api.patch(f"/comments/{id}", {"text": "x"}),
        api.delete(f"/comments/{id}"),
        api.get(f"/comments/{id}/versions"),
    ):
        assert_error(answer, 404, "comment_not_found")
    for answer in (api.get(f"/tickets/{id}/comments"), api.post(f"/tickets/{id}/comments", {"text": "x"})):
        assert_error(answer, 404, "ticket_not_found")


# --- Shape

BAD_BODIES: list[tuple[Any, str]] = [
    ({}, "text"),
    ({"text": None}, "text"),
    ({"text": ""}, "text"),
    ({"text": " \n\t"}, "text"),
    ({"text": "\u200b\u2060\ufeff"}, "text"),
    ({"text": 7}, "text"),
    ({"text": ["x"]}, "text"),
    ({"text": "a\x00b"}, "text"),
    ({"text": "x" * 10_001}, "text"),
    ({"text": "x", "html": "<b>x</b>"}, "html"),
    ([], "body"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_body_of_the_wrong_shape_is_refused(ana: User, ticket: Ticket, body: Any, field: str) -> None:
    said = say(ana, ticket)
    for answer in (
        ApiClient(ana).post(f"/tickets/{ticket.pk}/comments", body),
        ApiClient(ana).patch(f"/comments/{said['id']}", body),
        ApiClient(ana).post(f"/tickets/{uuid.uuid4()}/comments", body),  # shape stands before the ticket
    ):
        assert set(assert_error(answer, 400, "invalid_input")["fields"]) == {field}
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("flag", ["true", "yes", 1, 0, [], {}], ids=str)
def test_a_question_is_true_or_false(ana: User, ticket: Ticket, flag: Any) -> None:
    answer = ApiClient(ana).post(f"/tickets/{ticket.pk}/comments", {"text": "x", "isQuestion": flag})
    assert set(assert_error(answer, 400, "invalid_input")["fields"]) == {"isQuestion"}


def test_what_may_be_left_out_and_a_form(ana: User, ticket: Ticket) -> None:
    assert say(ana, ticket, "x", isQuestion=None)["isQuestion"] is False
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = ApiClient(ana).post(f"/tickets/{ticket.pk}/comments", "text=a%0D%0Ab&isQuestion=true", **form)
    assert (answer.status_code, answer.json()["text"], answer.json()["isQuestion"]) == (201, "a\nb", True)


def test_lone_halves_of_characters_are_refused(ana: User, ticket: Ticket) -> None:
    for body in (b'{"text": "a\\ud800b"}', b'{"text": "\xed\xa0\x80"}'):
        answer = ApiClient(ana).post(f"/tickets/{ticket.pk}/comments", body)
        assert answer.status_code == 400
    assert Comment.objects.count() == 0


def test_a_text_is_kept_as_sent_but_for_its_line_ends(ana: User, ticket: Ticket) -> None:
    assert say(ana, ticket, "    code\r\nmore\rend  \n")["text"] == "    code\nmore\nend  \n"
    longest = say(ana, ticket, "🦔" * 4_999 + "\r\n" + "🦔" * 5_000)
    assert len(longest["text"]) == 10_000


def test_what_was_rendered_another_way_is_rendered_anew(ana: User, ticket: Ticket, monkeypatch: Any) -> None:
    said = say(ana, ticket)
    Comment.objects.update(html="<p>as it was made before</p>")
    assert listed(ana, ticket)["items"][0]["html"] == "<p>as it was made before</p>"
    monkeypatch.setattr(rendering, "RENDERING", rendering.RENDERING + 1)
    assert listed(ana, ticket)["items"] == [said]


def test_texts_go_where_the_law_asks_for_it(ana: User, ticket: Ticket) -> None:
    from tickets.audit.erasing import erase_texts

    boss = factories.manager()
    said, gone = say(ana, ticket, "My illness"), say(ana, ticket, "My address")
    ApiClient(ana).patch(f"/comments/{said['id']}", {"text": "Nothing"})
    ApiClient(ana).delete(f"/comments/{gone['id']}")
    erase_texts(boss, ticket, why="The law asks for it.")
    assert [(item["text"], item["html"]) for item in listed(boss, ticket)["items"]] == [
        ("(removed)", '<p dir="auto">(removed)</p>'),
        (None, None),
    ]
    assert set(CommentVersion.objects.values_list("text", flat=True)) == {"(removed)"}
    say(ana, ticket, "My name")  # which is said afterwards
    erase_texts(boss, ticket, why="The law asks for it again.")
    assert listed(boss, ticket)["items"][2]["text"] == "(removed)"
