"""Creating and editing over REST: the shape of bodies and answers, and what history says afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.models import HistoryEntry, Ticket, TicketSequence

pytestmark = pytest.mark.django_db

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NEW: dict[str, Any] = {
    "title": "No network on the second floor",
    "description": "Since nine o'clock.\n",
    "dueDate": "2026-12-24T09:30:00.000Z",
    "severity": "HIGH",
}


def test_a_new_ticket_has_exactly_the_fields_of_the_contract() -> None:
    author = factories.associate()
    with time_machine.travel("2026-03-05T10:20:30.123456Z", tick=False):
        response = ApiClient(author).post("/tickets", {**NEW, "aiSuggestedSeverity": "LOW"})
    assert response.status_code == 201
    assert response["Content-Type"] == "application/json"
    answer = response.json()
    assert UUID.fullmatch(answer.pop("id"))
    assert answer == {
        "ticketNumber": "TKT-2026-000001",
        "year": 2026,
        "sequence": 1,
        "title": "No network on the second floor",
        "description": "Since nine o'clock.\n",
        "dueDate": "2026-12-24T09:30:00.000Z",
        "severity": "HIGH",
        "aiSuggestedSeverity": "LOW",
        "status": "DRAFT",
        "createdById": str(author.pk),
        "reviewedById": None,
        "createdAt": "2026-03-05T10:20:30.123Z",
        "updatedAt": "2026-03-05T10:20:30.123Z",
        "deletedAt": None,
    }


def test_create_get_and_list_give_the_same_ticket() -> None:
    client = ApiClient(factories.associate())
    created = client.post("/tickets", NEW).json()
    assert client.get(f"/tickets/{created['id']}").json() == created
    assert client.get("/tickets").json() == {"items": [created], "total": 1, "page": 1, "pageSize": 20}


def test_a_manager_creates_tickets_too() -> None:
    assert ApiClient(factories.manager()).post("/tickets", NEW).status_code == 201


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"title": "  spaces around \n"}, {"title": "spaces around"}),
        ({"title": "first line\nsecond\r\nthird"}, {"title": "first line\nsecond\r\nthird"}),
        ({"title": "x" * 200}, {"title": "x" * 200}),
        ({"title": " " + "🦔" * 200 + " "}, {"title": "🦔" * 200}),
        ({"title": "e\u0301"}, {"title": "e\u0301"}),
        ({"description": "  kept as sent \r\n\t "}, {"description": "  kept as sent \r\n\t "}),
        ({"description": "ж" * 100_000}, {"description": "ж" * 100_000}),
        ({"aiSuggestedSeverity": None}, {"aiSuggestedSeverity": None}),
        ({"dueDate": "1999-01-01T00:00:00Z"}, {"dueDate": "1999-01-01T00:00:00.000Z"}),
        ({"dueDate": "2026-12-24T09:30:00"}, {"dueDate": "2026-12-24T09:30:00.000Z"}),
        ({"dueDate": "2026-12-24"}, {"dueDate": "2026-12-24T00:00:00.000Z"}),
        ({"dueDate": "2026-12-24T09:30+02:00"}, {"dueDate": "2026-12-24T07:30:00.000Z"}),
        ({"dueDate": "2026-12-24T00:30:00.5+05:45"}, {"dueDate": "2026-12-23T18:45:00.500Z"}),
        ({"dueDate": "2026-12-24T09:30:00.123999Z"}, {"dueDate": "2026-12-24T09:30:00.123Z"}),
        ({"dueDate": "0001-01-01T00:00:00Z"}, {"dueDate": "0001-01-01T00:00:00.000Z"}),
        ({"dueDate": "9999-12-31T23:59:59.999Z"}, {"dueDate": "9999-12-31T23:59:59.999Z"}),
        ({"dueDate": "2024-02-29T00:00:00-23:59"}, {"dueDate": "2024-02-29T23:59:00.000Z"}),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "backslashreplace").decode() if isinstance(value, dict) else None,
)
def test_values_are_kept_as_the_contract_says(sent: dict[str, Any], kept: dict[str, Any]) -> None:
    client = ApiClient(factories.associate())
    response = client.post("/tickets", NEW | sent)
    assert response.status_code == 201, response.content[:300]
    stored = client.get(f"/tickets/{response.json()['id']}").json()
    for answer in (response.json(), stored):
        assert {name: answer[name] for name in kept} == kept


NO_TEXTS = [None, "", " ", " \n\t", 5, 1.5, True, [], ["x"], {}, {"a": "b"}, "a\x00b"]
NO_SEVERITIES = [None, "", " ", "LOW ", "low", "URGENT", "5", 5, 0, True, [], ["LOW"], {}, {"LOW": 1}, "LOW\x00"]
NO_TIMES: list[Any] = [
    None,
    "",
    " ",
    "soon",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-12-24T25:00:00Z",
    "2026-12-24T09:30:61Z",
    "2026-12-24T09:30:00+24:00",
    "2026-12-24T09:30:00 01:00",
    "2026-12-24x09:30:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "-2026-12-24T09:30:00Z",
    "24.12.2026",
    "12/24/2026",
    "1766568600",
    1766568600,
    1766568600.5,
    10**30,
    True,
    [],
    ["2026-12-24T09:30:00Z"],
    {},
    "2026-12-24T09:30:00Z\x00",
    "२०२६-12-24T09:30:00Z",
]
WRONG_VALUES = [
    *[("title", value) for value in [*NO_TEXTS, "x" * 201, "x" * 100_000]],
    *[("description", value) for value in [*NO_TEXTS, "x" * 100_001]],
    *[("dueDate", value) for value in NO_TIMES],
    *[("severity", value) for value in NO_SEVERITIES],
    *[("aiSuggestedSeverity", value) for value in NO_SEVERITIES if value is not None],
]


@pytest.mark.parametrize(
    ("name", "value"), [pytest.param(*case, id=f"{n} {case[0]}") for n, case in enumerate(WRONG_VALUES)]
)
def test_a_wrong_value_is_refused_and_named(name: str, value: Any) -> None:
    refuse_new({**NEW, name: value}, name)


@pytest.mark.parametrize("name", ["title", "description", "dueDate", "severity"])
def test_a_missing_field_is_refused_and_named(name: str) -> None:
    refuse_new({key: value for key, value in NEW.items() if key != name}, name)


@pytest.mark.parametrize(
    "name", ["id", "status", "ticketNumber", "createdById", "due_date", "Title", "version", "", "a\x00", "__class__"]
)
def test_an_unknown_field_is_refused_and_named(name: str) -> None:
    refuse_new({**NEW, name: "x"}, name)
    refuse_new({**NEW, name: None}, name)


def test_every_wrong_field_is_named_at_once() -> None:
    response = ApiClient(factories.associate()).post("/tickets", {"severity": "URGENT", "dueDate": "soon"})
    body = assert_error(response, 400, "invalid_input")
    assert set(body["fields"]) == {"title", "description", "dueDate", "severity"}


def test_a_refused_creation_takes_no_number() -> None:
    client = ApiClient(factories.associate())
    assert client.post("/tickets", {**NEW, "severity": "URGENT"}).status_code == 400
    assert client.post("/tickets", NEW).json()["sequence"] == 1


def refuse_new(sent: dict[str, Any], name: str) -> None:
    body = assert_error(ApiClient(factories.associate()).post("/tickets", sent), 400, "invalid_input")
    assert list(body["fields"]) == [name]
    assert not Ticket.objects.exists()
    assert not TicketSequence.objects.exists()


# --- Editing


def test_an_edit_needs_a_title_or_a_description() -> None:
    author = factories.associate()
    sent_back = factories.ticket("REVIEW", author=author)
    for sent in ({}, {"title": None}, {"title": None, "description": None}):
        assert_error(ApiClient(author).patch(f"/tickets/{sent_back.pk}", sent), 400, "invalid_input")
    assert_error(ApiClient(author).patch(f"/tickets/{sent_back.pk}"), 400, "invalid_input")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("title", value) for value in [*NO_TEXTS[1:], "x" * 201]],
        *[("description", value) for value in [*NO_TEXTS[1:], "x" * 100_001]],
        ("severity", "LOW"),
        ("status", "PENDING"),
        ("dueDate", "2026-12-24T09:30:00Z"),
    ],
    ids=lambda value: repr(value)[:20].encode("ascii", "backslashreplace").decode(),
)
def test_a_wrong_edit_is_refused_and_named(name: str, value: Any) -> None:
    author = factories.associate()
    sent_back = factories.ticket("REVIEW", author=author)
    response = ApiClient(author).patch(f"/tickets/{sent_back.pk}", {"title": "fine", name: value})
    assert list(assert_error(response, 400, "invalid_input")["fields"]) == [name]
    sent_back.refresh_from_db()
    assert (sent_back.title, sent_back.status) == ("The printer prints only black pages", "REVIEW")


@pytest.mark.parametrize(
    ("sent", "reason", "changes"),
    [
        ({"title": "New"}, "edited (title)", {"title": ["Old", "New"]}),
        ({"title": " New ", "description": None}, "edited (title)", {"title": ["Old", "New"]}),
        ({"description": " new "}, "edited (description)", {"description": ["old\n", " new "]}),
        ({"title": "Old", "description": "new"}, "edited (description)", {"description": ["old\n", "new"]}),
        (
            {"description": "new", "title": "New"},
            "edited (title, description)",
            {"title": ["Old", "New"], "description": ["old\n", "new"]},
        ),
        ({"title": "Old"}, "edited (nothing)", {}),
        ({"title": "  Old  ", "description": "old\n"}, "edited (nothing)", {}),
        ({"description": "old"}, "edited (description)", {"description": ["old\n", "old"]}),
        ({"title": "old"}, "edited (title)", {"title": ["Old", "old"]}),
    ],
    ids=str,
)
def test_an_edit_says_what_it_changed(sent: dict[str, Any], reason: str, changes: dict[str, list[str]]) -> None:
    author = factories.associate()
    sent_back = factories.ticket("REVIEW", author=author, title="Old", description="old\n")
    client = ApiClient(author)
    answer = client.patch(f"/tickets/{sent_back.pk}", sent).json()
    assert answer["status"] == "DRAFT"
    assert answer["title"] == changes.get("title", ["", "Old"])[1]
    assert answer["description"] == changes.get("description", ["", "old\n"])[1]
    newest = client.get(f"/tickets/{sent_back.pk}/history").json()[0]
    assert (newest["action"], newest["reason"], newest["changes"]) == ("edited", reason, changes)


def test_search_finds_the_edited_text_and_no_longer_the_old_one() -> None:
    author = factories.associate()
    sent_back = factories.ticket("REVIEW", author=author, title="Printer")
    client = ApiClient(author)
    client.patch(f"/tickets/{sent_back.pk}", {"title": "Scanner"})
    assert client.get("/tickets?q=scanner").json()["total"] == 1
    assert client.get("/tickets?q=printer").json()["total"] == 0


# --- Deleting, and the whole life


def test_who_deleted_their_own_ticket_restores_it() -> None:
    author = factories.associate()
    draft = factories.ticket(author=author)
    client = ApiClient(author)
    gone = client.delete(f"/tickets/{draft.pk}")
    assert gone.status_code == 200
    assert gone.json()["deletedAt"] == gone.json()["updatedAt"]
    assert client.get("/tickets").json()["total"] == 0
    assert_error(client.get(f"/tickets/{draft.pk}"), 404, "ticket_not_found", "Ticket not found")
    back = client.post(f"/tickets/{draft.pk}/restore")
    assert (back.status_code, back.json()["deletedAt"], back.json()["status"]) == (201, None, "DRAFT")
    assert client.get("/tickets").json()["total"] == 1


def test_a_restored_ticket_may_be_deleted_by_somebody_else_who_alone_then_counts_as_deleter() -> None:
    author = factories.associate()
    draft = factories.ticket(author=author)
    factories.deleted(draft, by=author)
    factories.restored(draft)
    factories.deleted(draft, by=factories.manager())
    assert_error(ApiClient(author).post(f"/tickets/{draft.pk}/restore"), 403, "not_allowed_on_this_ticket")


def test_a_demoted_author_edits_as_the_associate_who_created_it() -> None:
    author = factories.manager()
    sent_back = factories.ticket("REVIEW", author=author)
    factories.set_role(author, "ASSOCIATE")
    assert ApiClient(author).patch(f"/tickets/{sent_back.pk}", {"title": "x"}).status_code == 200


def test_the_history_of_a_whole_life() -> None:
    """Each entry as a client sees it, newest first."""
    author, reviewer, other = factories.associate(), factories.manager(), factories.manager()
    with time_machine.travel("2026-05-04T08:00:00Z", tick=False) as clock:
        ours, theirs, third = ApiClient(author), ApiClient(reviewer), ApiClient(other)
        path = "/tickets/" + ours.post("/tickets", {**NEW, "severity": "LOW", "title": "A"}).json()["id"]
        clock.shift(60)
        raised = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": "Everybody waits"}
        theirs.patch(f"{path}/review", raised)
        clock.shift(60)
        ours.patch(path, {"title": "B", "description": "More."})
        clock.shift(60)
        ours.delete(path)
        clock.shift(60)
        theirs.post(f"{path}/restore")
        clock.shift(60)
        approved = third.patch(f"{path}/review", {"action": "APPROVE"}).json()
        clock.shift(60)
        pending = Ticket.objects.get()
        factories.import_status(pending, "OPEN", user=reviewer)
        clock.shift(60)
        factories.import_status(pending, "CLOSED")
        entries = ours.get(f"{path}/history").json()
    assert approved["reviewedById"] == str(other.pk)
    assert all(UUID.fullmatch(entry.pop("id")) for entry in entries)
    assert {entry.pop("ticketId") for entry in entries} == {path.removeprefix("/tickets/")}

    def entry(
        minute: int, user: Any, action: str, moves: list[str | None], reason: str, **changes: Any
    ) -> dict[str, Any]:
        return {
            "createdAt": f"2026-05-04T08:0{minute}:00.000Z",
            "userId": str(user.pk) if user else None,
            "action": action,
            "fromStatus": moves[0],
            "toStatus": moves[1],
            "fromSeverity": moves[2],
            "toSeverity": moves[3],
            "reason": reason,
            "changes": changes,
        }

    assert entries == [
        entry(7, None, "imported", ["OPEN", "CLOSED", None, None], "csv import"),
        entry(6, reviewer, "imported", ["PENDING", "OPEN", None, None], "csv import"),
        entry(5, other, "approved", ["DRAFT", "PENDING", None, None], "approved"),
        entry(4, reviewer, "restored", ["DRAFT", "DRAFT", None, None], "restored"),
        entry(3, author, "deleted", ["DRAFT", "DRAFT", None, None], "soft deleted"),
        entry(
            2,
            author,
            "edited",
            ["REVIEW", "DRAFT", None, None],
            "edited (title, description)",
            title=["A", "B"],
            description=["Since nine o'clock.\n", "More."],
        ),
        entry(1, reviewer, "severity_changed", ["DRAFT", "REVIEW", "LOW", "HIGH"], "severity changed: Everybody waits"),
        entry(0, author, "created", [None, "DRAFT", None, "LOW"], "created"),
    ]
    rows = HistoryEntry.objects.order_by("version").values_list("version", "actor_role")
    assert list(rows) == [
        (1, "ASSOCIATE"),
        (2, "MANAGER"),
        (3, "ASSOCIATE"),
        (4, "ASSOCIATE"),
        (5, "MANAGER"),
        (6, "MANAGER"),
        (7, "MANAGER"),
        (8, None),
    ]


def test_the_reviewer_stays_when_the_ticket_is_edited() -> None:
    author, reviewer = factories.associate(), factories.manager()
    sent_back = factories.ticket("REVIEW", author=author, reviewer=reviewer)
    answer = ApiClient(author).patch(f"/tickets/{sent_back.pk}", {"title": "x"}).json()
    assert answer["reviewedById"] == str(reviewer.pk)


def test_history_keeps_the_role_that_the_person_had() -> None:
    reviewer = factories.manager()
    factories.ticket("PENDING", reviewer=reviewer)
    factories.set_role(reviewer, "ASSOCIATE")
    assert HistoryEntry.objects.get(user=reviewer).actor_role == "MANAGER"


def test_query_counts_of_single_tickets(django_assert_num_queries: Any) -> None:
    author = factories.associate()
    draft = factories.ticket(author=author)
    with django_assert_num_queries(2):
        ApiClient(author).get(f"/tickets/{draft.pk}")
    with django_assert_num_queries(3):
        ApiClient(author).get(f"/tickets/{draft.pk}/history")
    factories.deleted(draft, by=author)
    factories.restored(draft)
    with django_assert_num_queries(3):
        ApiClient(author).get(f"/tickets/{draft.pk}/history")
