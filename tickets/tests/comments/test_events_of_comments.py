"""`GET /events` tells of comments: each once, in order, and an audit finds what does not agree."""

from __future__ import annotations

import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from config.audit.findings import Scope
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.follower import Event, Follower
from tests.support.patience import PATIENCE
from tickets import actions
from tickets.audit import agreement, sealing
from tickets.comments.actions import add_comment, edit_comment, remove_comment
from tickets.models import Comment, HistoryEntry

pytestmark = pytest.mark.django_db


def follower() -> Follower:
    api = ApiClient(factories.associate())
    return Follower(lambda path: api.get(path).json(), limit=3)


def told(reader: Follower) -> list[Event]:
    reader.poll()
    return reader.told


def test_what_is_done_with_comments_is_told_in_its_place() -> None:
    author, boss = factories.associate(), factories.manager()
    ticket = factories.ticket("REVIEW", author=author, reviewer=boss)
    comment = add_comment(boss, ticket.pk, text="A secret question", is_question=True)
    actions.edit_ticket(author, ticket.pk, title="Better")
    own = add_comment(author, ticket.pk, text="A secret answer")
    edit_comment(author, own.pk, text="A secret better answer")
    edit_comment(author, own.pk, text="A secret better answer")  # the same
    remove_comment(boss, own.pk)
    actions.delete_ticket(boss, ticket.pk)
    events = told(follower())
    assert [(event["type"], event["version"], event["actorId"], event["commentId"]) for event in events] == [
        ("created", 1, str(author.pk), None),
        ("severity_changed", 2, str(boss.pk), None),
        ("commented", 2, str(boss.pk), str(comment.pk)),
        ("edited", 3, str(author.pk), None),
        ("commented", 3, str(author.pk), str(own.pk)),
        ("comment_edited", 3, str(author.pk), str(own.pk)),
        ("comment_removed", 3, str(boss.pk), str(own.pk)),
        ("deleted", 4, str(boss.pk), None),
    ]
    assert {(event["ticketId"], event["ticketNumber"]) for event in events} == {(str(ticket.pk), ticket.ticket_number)}
    nothing = {"fromStatus": None, "toStatus": None, "fromSeverity": None, "toSeverity": None}
    assert all(nothing.items() <= event.items() for event in events if event["commentId"])
    assert "secret" not in str(events)
    own.refresh_from_db()
    removed = ApiClient(boss)
    actions.restore_ticket(boss, ticket.pk)
    listed = removed.get(f"/tickets/{ticket.pk}/comments").json()["items"]
    assert [event["at"] for event in events if event["commentId"]] == [
        listed[0]["createdAt"], listed[1]["createdAt"], listed[1]["editedAt"], listed[1]["removedAt"]
    ]  # fmt: skip


def test_what_is_refused_or_undone_is_not_told() -> None:
    comment = factories.comment(factories.ticket())
    reader = follower()
    before = list(told(reader))
    assert ApiClient(factories.associate()).delete(f"/comments/{comment.pk}").status_code == 403
    with pytest.raises(RuntimeError), transaction.atomic():
        remove_comment(factories.manager(), comment.pk)
        raise RuntimeError
    assert told(reader) == before


@pytest.mark.django_db(transaction=True)
def test_many_write_and_no_reader_misses_anything() -> None:
    tickets = [factories.ticket(author=author) for author in (factories.associate(), factories.associate())]
    writers, readers, over = [], [follower(), follower()], threading.Event()
    start = threading.Barrier(4)

    def write(number: int) -> None:
        author, ticket = factories.associate(), tickets[number % 2]
        try:
            start.wait(PATIENCE)
            for turn in range(6):
                comment = add_comment(author, ticket.pk, text=f"{number} {turn}")
                if turn % 3 == 1:
                    edit_comment(author, comment.pk, text="Another")
                if turn % 3 == 2:
                    remove_comment(author, comment.pk)
        finally:
            connection.close()

    def read(reader: Follower) -> None:
        try:
            while not over.is_set():
                reader.poll()
                over.wait(0.005)
            reader.poll()
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    reading = [threading.Thread(target=read, args=[reader]) for reader in readers]
    for thread in [*reading, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in reading:
        thread.join()
    wanted = sorted(told_of(comment) for comment in Comment.objects.all())
    assert len(wanted) == 24
    for reader in readers:
        assert reader.told == told(follower())
        assert len({event["cursor"] for event in reader.told}) == len(reader.told)
        by_comment: dict[str, list[str]] = {}
        for event in reader.told:
            if event["commentId"]:
                by_comment.setdefault(event["commentId"], []).append(event["type"])
        assert sorted((comment, types) for comment, types in by_comment.items()) == wanted


def told_of(comment: Comment) -> tuple[str, list[str]]:
    edited = ["comment_edited"] if comment.edited_at else []
    return str(comment.pk), ["commented", *edited, *(["comment_removed"] if comment.removed_at else [])]


@pytest.mark.django_db(transaction=True)
def test_data_that_are_dumped_and_loaded_bring_each_event_once(tmp_path: Path) -> None:
    author = factories.associate()
    comments = [factories.comment(factories.ticket("PENDING"), author=author) for _ in range(3)]
    edit_comment(author, comments[0].pk, text="Another")
    remove_comment(author, comments[0].pk)
    before = sorted((event["type"], event["at"]) for event in told(follower()))
    out, file = StringIO(), tmp_path / "desk.json"
    call_command("dumpdata", "accounts.user", "tickets", stdout=out)
    file.write_text(out.getvalue())
    call_command("flush", interactive=False, verbosity=0)
    call_command("loaddata", str(file), verbosity=0)
    assert sorted((event["type"], event["at"]) for event in told(follower())) == before


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tickets_event WHERE kind = 'commented'",
        "UPDATE tickets_event SET kind = 'comment_edited' WHERE kind = 'commented'",
        "UPDATE tickets_event SET as_of = 7 WHERE kind = 'commented'",
        "UPDATE tickets_event SET comment_id = NULL WHERE kind = 'commented'",
        "INSERT INTO tickets_event (ticket_id, at, comment_id, kind, as_of, position, mark)"
        " SELECT ticket_id, at, comment_id, kind, as_of, position + 10, mark FROM tickets_event"
        " WHERE kind = 'commented'",
        "INSERT INTO tickets_event (ticket_id, at, comment_id, kind, as_of, position, mark)"
        " SELECT ticket_id, at, comment_id, 'burnt', as_of, position + 10, mark FROM tickets_event"
        " WHERE kind = 'commented'",
        "INSERT INTO tickets_event (ticket_id, version, at, comment_id, kind, as_of, position, mark)"
        " SELECT ticket_id, 7, at, comment_id, 'comment_edited', as_of, position + 10, mark FROM tickets_event"
        " WHERE kind = 'commented'",
        "INSERT INTO tickets_event (ticket_id, at, comment_id, kind, position, mark)"
        " SELECT ticket_id, at, comment_id, 'comment_edited', position + 10, mark FROM tickets_event"
        " WHERE kind = 'commented'",
        "INSERT INTO tickets_event (ticket_id, at, position, mark)"
        " SELECT ticket_id, at, position + 10, mark FROM tickets_event WHERE kind = 'commented'",
    ],
    ids=range(9),
)
def test_events_of_comments_are_only_added_and_hold_to_their_form(statement: str) -> None:
    factories.comment(factories.ticket())
    before = told(follower())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert told(follower()) == before


def test_an_audit_and_a_seal_hold_with_comments_and_find_what_was_done_past_the_product() -> None:
    author = factories.associate()
    comment = factories.comment(factories.ticket("PENDING"), author=author)
    remove_comment(author, factories.comment(factories.ticket(), author=author).pk)
    told(follower())
    assert findings() == []
    sealed = Scope(wants_seal=True)
    assert list(sealing.check(sealed)) == []
    assert str(sealed.seal).startswith(f"seal-1:{HistoryEntry.objects.count()}:")
    number = f"ticket {comment.ticket_id}"
    for statement, wanted in (
        ("DELETE FROM tickets_event WHERE comment_id = %s", "No event (commented) tells of a comment."),
        ("DELETE FROM tickets_comment WHERE id = %s", "An event (commented) tells of a comment that is not there."),
    ):
        with pytest.raises(RuntimeError), transaction.atomic():
            past_the_triggers(statement, comment)
            assert (number, wanted) in findings()
            raise RuntimeError


def findings() -> list[tuple[str, str]]:
    return [(found.subject, found.problem) for found in agreement.check_events(Scope())]


def past_the_triggers(statement: str, comment: Comment) -> None:
    key: Any = comment.pk.hex if connection.vendor == "sqlite" else comment.pk
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER tickets_event_no_delete")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE tickets_event DISABLE TRIGGER tickets_event_no_delete")
        for table in ("tickets_commenttext", "tickets_told"):
            cursor.execute(f"DELETE FROM {table} WHERE comment_id = %s", [key])
        cursor.execute(statement, [key])
