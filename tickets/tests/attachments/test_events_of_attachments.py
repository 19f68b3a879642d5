"""`GET /events` tells of attachments: each once, in its place, and an audit finds what does not agree."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from config.audit.findings import Scope
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases import past
from tests.support.follower import Event, Follower
from tests.support.version_before import telling_nobody
from tickets.attachments.actions import remove_attachment
from tickets.audit import agreement
from tickets.comments.actions import add_comment, remove_comment
from tickets.events.numbering import number_events
from tickets.models import Attachment, Comment, Ticket
from tickets.tests.attachments.files import upload

pytestmark = pytest.mark.django_db


def told() -> list[Event]:
    api = ApiClient(factories.associate())
    reader = Follower(lambda path: api.get(path).json(), limit=3)
    reader.poll()
    return reader.told


def attached(ticket: Ticket, comment: Comment | None = None) -> Attachment:
    """By the ticket's author, to it or to this comment."""
    fields = {"commentId": str(comment.pk)} if comment else {}
    answer = upload(ApiClient(ticket.created_by), ticket, b"x", "x.txt", None, **fields)
    return Attachment.objects.get(pk=answer.json()["id"])


def test_what_is_done_with_attachments_is_told_in_its_place() -> None:
    author, boss = factories.associate(), factories.manager()
    ticket = factories.ticket(author=author)
    comment = add_comment(author, ticket.pk, text="See below")
    one, other = attached(ticket), attached(ticket, comment)
    remove_attachment(boss, one.pk)
    factories.advance(ticket, "PENDING", reviewer=boss)
    remove_comment(boss, comment.pk)
    events = [(event["type"], event["version"], event["actorId"], event["attachmentId"]) for event in told()]
    assert events[:5] == [
        ("created", 1, str(author.pk), None),
        ("commented", 1, str(author.pk), None),
        ("attached", 1, str(author.pk), str(one.pk)),
        ("attached", 1, str(author.pk), str(other.pk)),
        ("attachment_removed", 1, str(boss.pk), str(one.pk)),
    ]
    assert sorted(events[5:]) == [
        ("approved", 2, str(boss.pk), None),
        ("attachment_removed", 2, str(boss.pk), str(other.pk)),
        ("comment_removed", 2, str(boss.pk), None),
    ]
    nothing = dict.fromkeys(("fromStatus", "toStatus", "fromSeverity", "toSeverity", "commentId"))
    assert all(nothing.items() <= event.items() for event in told() if event["attachmentId"])
    assert "x.txt" not in str(told())
    one.refresh_from_db()
    assert one.removed_at
    at = [event["at"] for event in told() if event["attachmentId"] == str(one.pk)]
    assert at == [
        f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z" for time in (one.created_at, one.removed_at)
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tickets_event WHERE kind = 'attached'",
        "UPDATE tickets_event SET kind = 'attachment_removed' WHERE kind = 'attached'",
        "UPDATE tickets_event SET attachment_id = ticket_id WHERE kind = 'attached'",
        "INSERT INTO tickets_event (ticket_id, at, attachment_id, kind, as_of, position, mark)"
        " SELECT ticket_id, at, attachment_id, kind, as_of, position + 10, mark FROM tickets_event"
        " WHERE kind = 'attached'",
        "INSERT INTO tickets_event (ticket_id, at, attachment_id, kind, as_of, position, mark)"
        " SELECT ticket_id, at, attachment_id, 'commented', as_of, position + 10, mark FROM tickets_event"
        " WHERE kind = 'attached'",
        "INSERT INTO tickets_event (ticket_id, at, comment_id, attachment_id, kind, as_of, position, mark)"
        " SELECT ticket_id, at, ticket_id, ticket_id, 'attached', as_of, position + 10, mark FROM tickets_event"
        " WHERE kind = 'attached'",
    ],
    ids=range(6),
)
def test_events_of_attachments_are_only_added_and_hold_to_their_form(statement: str) -> None:
    attached(factories.ticket())
    before = told()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert told() == before


def test_an_audit_finds_what_was_done_past_the_product() -> None:
    one, other = attached(factories.ticket()), attached(factories.ticket())
    remove_attachment(other.uploaded_by, other.pk)
    told()
    assert findings() == []
    for statement, key, wanted in (
        ("DELETE FROM tickets_event WHERE attachment_id = %s", one, "No event (attached) tells of an attachment."),
        (
            "DELETE FROM tickets_event WHERE kind = 'attachment_removed' AND attachment_id = %s",
            other,
            "No event (attachment_removed) tells of an attachment.",
        ),
        (
            "DELETE FROM tickets_attachment WHERE id = %s",
            one,
            "An event (attached) tells of an attachment that is not there.",
        ),
    ):
        with pytest.raises(RuntimeError), transaction.atomic():
            past_the_triggers(statement, key)
            assert findings() == [(f"ticket {key.ticket_id}", wanted)]
            raise RuntimeError


def findings() -> list[tuple[str, str]]:
    return [(found.subject, found.problem) for found in agreement.check_events(Scope()) if found.subject != "events"]


def past_the_triggers(statement: str, attachment: Attachment) -> None:
    key: Any = attachment.pk.hex if connection.vendor == "sqlite" else attachment.pk
    refusing = {"sqlite": "tickets_attachment_no_delete", "postgresql": "tickets_attachment_append_only"}
    triggers = {"tickets_event": "tickets_event_no_delete", "tickets_attachment": refusing[connection.vendor]}
    with connection.cursor() as cursor:
        for table, trigger in triggers.items():
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {trigger}")
            else:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute(statement, [key])


# --- From before, and elsewhere


@pytest.mark.django_db(transaction=True)
def test_what_was_attached_before_is_told_behind_all_else() -> None:
    with past.desk("before_events_of_attachments"):
        with telling_nobody():
            ticket = factories.ticket()
            one, other = attached(ticket), attached(ticket)
            remove_attachment(one.uploaded_by, one.pk)
            factories.comment(ticket)
        number_events()  # somebody has read them
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM tickets_event")
            assert cursor.fetchone() == (2,)
        past.migrate()
        events = [(event["type"], event["attachmentId"]) for event in told()]
        assert events[:2] == [("created", None), ("commented", None)]
        assert sorted(events[2:]) == sorted(
            [("attached", str(one.pk)), ("attached", str(other.pk)), ("attachment_removed", str(one.pk))]
        )
        attached(ticket)
        assert told()[-1]["type"] == "attached"
        assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_data_that_are_dumped_and_loaded_bring_each_event_once(tmp_path: Path) -> None:
    ticket = factories.ticket()
    remove_attachment(ticket.created_by, attached(ticket).pk)
    attached(ticket)
    before = sorted((event["type"], event["at"]) for event in told())
    out, file = StringIO(), tmp_path / "desk.json"
    call_command("dumpdata", "accounts.user", "tickets", stdout=out)
    file.write_text(out.getvalue())
    call_command("flush", interactive=False, verbosity=0)
    call_command("loaddata", str(file), verbosity=0)
    assert sorted((event["type"], event["at"]) for event in told()) == before
