"""`GET /events`: what it tells, to whom, and which cursors it takes."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.follower import Event, Follower
from tests.support.many import double_tickets
from tickets.events.cursors import Cursor
from tickets.events.numbering import number_events
from tickets.events.reading import _FROM_POSITION
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

FIELDS = {
    *("cursor", "at", "type", "ticketId", "ticketNumber", "version", "actorId"),
    *("fromStatus", "toStatus", "fromSeverity", "toSeverity", "commentId", "attachmentId"),
}


def read(query: str = "", api: ApiClient | None = None) -> dict[str, Any]:
    answer = (api or ApiClient(factories.associate())).get(f"/events{query}")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    assert set(body) == {"items", "next"}
    return body


def events(query: str = "") -> list[Event]:
    items: list[Event] = read(query)["items"]
    return items


def follower(limit: int = 7) -> Follower:
    api = ApiClient(factories.associate())
    return Follower(lambda path: read(path.removeprefix("/events"), api), limit)


# --- What is told ----------------------------------------------------------------------------------------------------


def test_each_kind_of_event_is_told_as_it_was_done() -> None:
    author, boss, other = factories.associate(), factories.manager(), factories.manager()
    ours, theirs = ApiClient(author), ApiClient(boss)
    new = {"title": "No network", "description": "Since nine.", "dueDate": "2026-12-24T09:30:00Z", "severity": "MEDIUM"}
    raised, lowered = ours.post("/tickets", new).json(), ours.post("/tickets", new).json()
    path, other_path = f"/tickets/{raised['id']}", f"/tickets/{lowered['id']}"
    change = {"action": "CHANGE_SEVERITY", "severityChangeReason": "As I see it."}
    theirs.patch(f"{path}/review", {**change, "newSeverity": "HIGH"})
    ours.delete(other_path)
    ours.patch(path, {"title": "No network at all"})
    ApiClient(other).post(f"{other_path}/restore")
    theirs.patch(f"{path}/review", {"action": "APPROVE"})
    theirs.patch(f"{other_path}/review", {**change, "newSeverity": "EASY"})
    rows = [(raised["id"], "OPEN"), (uuid.uuid4(), "OPEN"), *[(lowered["id"], "PENDING")] * 2, ("x", "DRAFT")]
    file = SimpleUploadedFile("outside.csv", "\n".join(["id,status", *(f"{id},{to}" for id, to in rows)]).encode())
    imported = theirs.client.post("/csv/import", {"file": file}, headers=theirs.headers).json()
    assert (imported["updatedCount"], imported["totalRows"]) == (1, 5)
    factories.import_status(Ticket.objects.get(pk=raised["id"]), "CLOSED")

    told = events()
    assert [
        (
            *(event["ticketId"] == raised["id"], event["version"], event["type"], event["actorId"]),
            *(event["fromStatus"], event["toStatus"], event["fromSeverity"], event["toSeverity"]),
        )
        for event in told
    ] == [
        (True, 1, "created", str(author.pk), None, "DRAFT", None, "MEDIUM"),
        (False, 1, "created", str(author.pk), None, "DRAFT", None, "MEDIUM"),
        (True, 2, "severity_changed", str(boss.pk), "DRAFT", "REVIEW", "MEDIUM", "HIGH"),
        (False, 2, "deleted", str(author.pk), "DRAFT", "DRAFT", None, None),
        (True, 3, "edited", str(author.pk), "REVIEW", "DRAFT", None, None),
        (False, 3, "restored", str(other.pk), "DRAFT", "DRAFT", None, None),
        (True, 4, "approved", str(boss.pk), "DRAFT", "PENDING", None, None),
        (False, 4, "severity_changed", str(boss.pk), "DRAFT", "PENDING", "MEDIUM", "EASY"),
        (True, 5, "imported", str(boss.pk), "PENDING", "OPEN", None, None),
        (True, 6, "imported", None, "OPEN", "CLOSED", None, None),
    ]
    assert all(set(event) == FIELDS for event in told)
    assert {event["ticketNumber"] for event in told} == {raised["ticketNumber"], lowered["ticketNumber"]}
    times = {(entry["ticketId"], entry["action"]): entry["createdAt"] for entry in ours.get(f"{path}/history").json()}
    assert times
    for event in told:
        if event["ticketId"] == raised["id"] and event["type"] != "imported":
            assert event["at"] == times[event["ticketId"], event["type"]]
    assert told[-1]["at"] == ours.get(path).json()["updatedAt"]


def test_no_text_is_told() -> None:
    factories.ticket("REVIEW", title="A secret title", description="A secret text")
    text = ApiClient(factories.associate()).get("/events").content.decode()
    assert "severity_changed" in text
    assert "secret" not in text
    assert "say more" not in text


def test_what_is_refused_or_undone_is_not_told() -> None:
    draft = factories.ticket()
    before = events()
    assert ApiClient(factories.associate()).delete(f"/tickets/{draft.pk}").status_code == 403
    with pytest.raises(RuntimeError), transaction.atomic():
        factories.deleted(draft)
        raise RuntimeError
    assert events() == before


def test_everybody_signed_in_is_told_the_same_of_deletions_too() -> None:
    author = factories.associate()
    factories.deleted(factories.ticket(author=author))
    people = [author, factories.associate(), factories.manager()]
    told = [read(api=ApiClient(person))["items"] for person in people]
    assert [event["type"] for event in told[0]] == ["created", "deleted"]
    assert told[1:] == told[:1] * 2
    assert_error(ApiClient().get("/events"), 401, "unauthorized", "Unauthorized")
    assert_error(ApiClient(factories.associate(is_active=False)).get("/events"), 401, "unauthorized")


def test_what_plain_sql_writes_is_told_as_well() -> None:
    for status in ("DRAFT", "CLOSED", "REVIEW"):
        factories.ticket(status)
    reader = follower()
    reader.poll()
    double_tickets(3)
    reader.poll()
    assert len(reader.told) == HistoryEntry.objects.count() == 6 * 8
    assert sorted(reader.versions().values()) == sorted([[1], [1, 2, 3], [1, 2]] * 8)


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    for status in ("REVIEW", "PENDING", "CLOSED", "DRAFT"):
        factories.ticket(status)
    whole = events()
    assert len(whole) == 2 + 2 + 3 + 1
    for limit in (1, 2, 3, 7, 8, 9, 1000):
        reader = follower(limit)
        reader.poll()
        assert reader.told == whole
        reader.poll()
        assert reader.told == whole
    for number, event in enumerate(whole):
        assert events(f"?after={event['cursor']}") == whole[number + 1 :]
        assert events(f"?after={event['cursor']}&limit=1") == whole[number + 1 : number + 2]


def test_a_hundred_are_told_unless_asked_for_more() -> None:
    factories.ticket()
    double_tickets(11)
    assert len(events()) == len(events("?limit=")) == 100
    assert len(events("?limit=1000")) == 1000
    assert len(events("?limit=0999")) == 999


def test_next_is_always_there() -> None:
    empty = read()
    assert empty["items"] == []
    assert read(f"?after={empty['next']}") == empty
    assert read("?after=&limit=") == empty
    factories.ticket("PENDING")
    first = read(f"?after={empty['next']}")
    assert [event["type"] for event in first["items"]] == ["created", "approved"]
    assert read(f"?after={first['next']}") == {"items": [], "next": first["next"]}
    factories.ticket()
    assert [event["type"] for event in events(f"?after={first['next']}")] == ["created"]


@pytest.mark.parametrize(
    "limit", ["0", "-1", "1001", "10000", "x", "1.5", "1e2", " 1", "%2B1", "١", "9" * 5000, "null"]
)
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    error = assert_error(ApiClient(factories.associate()).get(f"/events?limit={limit}"), 400, "invalid_input")
    assert set(error["fields"]) == {"limit"}


# --- Cursors ---------------------------------------------------------------------------------------------------------


def refused(cursor: str) -> None:
    error = assert_error(ApiClient(factories.associate()).get(f"/events?after={cursor}"), 400, "invalid_input")
    assert set(error["fields"]) == {"after"}


def with_last_bit_changed(cursor: str) -> str:
    """The same bytes by a lenient decoder, since the last character has four bits too many."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return cursor[:-1] + alphabet[alphabet.index(cursor[-1]) ^ 1]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cursor: "x",
        lambda cursor: "1",
        lambda cursor: "%00",
        lambda cursor: "é" * 22,
        lambda cursor: "A" * 100_000,
        lambda cursor: cursor[:-1],
        lambda cursor: cursor + "A",
        lambda cursor: cursor + "==",
        lambda cursor: cursor.lower(),
        lambda cursor: f" {cursor}",
        lambda cursor: f"{cursor}%0A",
        lambda cursor: cursor[:10] + "/" + cursor[11:],
        lambda cursor: "A" + "Q" + cursor[2:],
        lambda cursor: cursor[:14] + ("B" if cursor[14] != "B" else "C") + cursor[15:],
        with_last_bit_changed,
        lambda cursor: base64.urlsafe_b64encode(b"\xff" * 16).decode().rstrip("="),
        lambda cursor: base64.urlsafe_b64encode(b"\x7f" + b"\xff" * 15).decode().rstrip("="),
        lambda cursor: "AAAAAAAAAAA" + cursor[11:],
    ],
    ids=range(18),
)
def test_a_cursor_that_was_never_given_out_is_refused(spoil: Callable[[str], str]) -> None:
    factories.ticket("PENDING")
    refused(spoil(events()[1]["cursor"]))


def test_a_cursor_of_another_desk_or_of_the_future_is_refused() -> None:
    factories.ticket("PENDING")
    for position in (1, 2, 3, 1000, 2**63 - 1):
        refused(str(Cursor(position, 12345)))


def test_a_cursor_of_an_event_that_was_lost_is_refused() -> None:
    """A restored backup may lack the last events, and others may have come since in their places."""
    factories.ticket("PENDING")
    kept = events()[-1]["cursor"]
    with pytest.raises(RuntimeError), transaction.atomic():
        factories.ticket("PENDING")
        lost = events(f"?after={kept}")[0]["cursor"]
        raise RuntimeError
    refused(lost)
    factories.ticket("PENDING")
    refused(lost)
    assert [event["type"] for event in events(f"?after={kept}")] == ["created", "approved"]


def test_a_position_that_was_given_twice_counts_from_the_second_time() -> None:
    """A standby that takes over may lack the last positions: the same event may come to the same one again."""
    if connection.vendor != "postgresql":
        return  # there the position comes with the event
    factories.ticket("PENDING")
    with pytest.raises(RuntimeError), transaction.atomic():
        first = events()
        raise RuntimeError
    second = events()
    assert [event | {"cursor": ""} for event in first] == [event | {"cursor": ""} for event in second]
    for event in first:
        refused(event["cursor"])


# --- What it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tickets", [1, 3])
def test_as_many_queries_for_one_event_as_for_many(tickets: int) -> None:
    for _ in range(tickets):
        factories.ticket("CLOSED")
    api = ApiClient(factories.associate())
    read(api=api)
    with CaptureQueriesContext(connection) as asked:
        assert len(read(api=api)["items"]) == 3 * tickets
    # Who asks, whether something is to be numbered (nothing ever on SQLite), and the events.
    assert len(asked) == {"postgresql": 3, "sqlite": 2}[connection.vendor]


def test_the_last_page_costs_what_the_first_does(long_run: bool) -> None:
    """Counted in pages that PostgreSQL looks at and in steps that SQLite takes; a million events in the long run."""
    factories.restored(factories.deleted(factories.ticket()))
    factories.advance(Ticket.objects.get(), "CLOSED")
    times = 18 if long_run else 11
    double_tickets(times)
    last = 5 * 2**times
    while not is_numbered(last):
        number_events()
    first_page, last_page = work(1), work(last - 99)
    assert last_page < 2 * first_page
    assert 2 * last_page > first_page


def is_numbered(position: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tickets_event WHERE position = %s", [position])
        return cursor.fetchone() is not None


def work(position: int) -> int:
    """How much the database does for the hundred events from this position on."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE tickets_event")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_FROM_POSITION['postgresql']}", [position, 100])
            [[found]] = cursor.fetchone()
            assert found["Plan"]["Actual Rows"] == 100
            return int(found["Plan"]["Shared Hit Blocks"] + found["Plan"]["Shared Read Blocks"])
        steps: list[None] = []
        connection.connection.set_progress_handler(lambda: steps.append(None), 10)
        try:
            cursor.execute(_FROM_POSITION["sqlite"], [position, 100])
            assert len(cursor.fetchall()) == 100
        finally:
            connection.connection.set_progress_handler(None, 0)
        return len(steps)


# --- What cannot be undone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tickets_event WHERE position = 1",
        "UPDATE tickets_event SET position = 0 WHERE position = 2",
        "UPDATE tickets_event SET position = 1 WHERE position = 2",
        "UPDATE tickets_event SET version = 7 WHERE position = 2",
        "UPDATE tickets_event SET at = '2020-01-01 00:00:00' WHERE position = 2",
        "UPDATE tickets_event SET position = NULL, mark = NULL WHERE position = 2",
        "UPDATE tickets_event SET mark = mark + 1 WHERE position = 2",
        "INSERT INTO tickets_event (ticket_id, version, at, position, mark)"
        " SELECT ticket_id, version + 10, at, 0, mark FROM tickets_event",
        "INSERT INTO tickets_event (ticket_id, version, at, position, mark)"
        " SELECT ticket_id, version + 10, at, position, mark FROM tickets_event",
        "INSERT INTO tickets_event (ticket_id, version, at, position, mark)"
        " SELECT ticket_id, version, at, position + 10, mark FROM tickets_event",
    ],
)
def test_events_are_only_added(statement: str) -> None:
    factories.ticket("PENDING")
    before = events()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert events() == before


def test_a_position_is_given_once() -> None:
    if connection.vendor != "postgresql":
        return  # there none is ever without
    factories.ticket("PENDING")
    with connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="event_marked_with_position"), transaction.atomic():
            cursor.execute("UPDATE tickets_event SET position = 9 WHERE version = 2")
        cursor.execute("UPDATE tickets_event SET position = 9, mark = 1 WHERE version = 2")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("UPDATE tickets_event SET position = 10, mark = 2 WHERE version = 2")
    assert [event["version"] for event in events()] == [2, 1]
