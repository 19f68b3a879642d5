"""What the database itself refuses of attachments, people who attach at the same moment, and bytes without a row."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import override_settings

from accounts.models import User
from config.errors import TooLarge
from tests.support import factories
from tests.support.patience import PATIENCE
from tickets.attachments.actions import attach, remove_attachment
from tickets.attachments.errors import AttachmentNotFound
from tickets.models import Attachment, Erasure

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(milliseconds=1)
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("attachment_size_from_one", {"size": 0}),
    ("attachment_has_a_name", {"file_name": ""}),
    ("attachment_sha256_length", {"sha256": "0" * 63}),
    ("attachment_preview_has_both_sides", {"preview_width": 3}),
    ("attachment_preview_has_both_sides", {"preview_width": 3, "preview_height": 0}),
    ("attachment_removal_names_remover", {"removed_at": NOW}),
    ("attachment_removal_names_remover", {"removed_by": "boss"}),
    ("attachment_removed_after_creation", {"removed_at": BEFORE, "removed_by": "boss"}),
]
FIELDS: dict[str, Any] = {
    "file_name": "x.txt",
    "content_type": "text/plain",
    "size": 3,
    "sha256": "1" * 64,
    "created_at": NOW,
}


def insert(**changed: Any) -> Attachment:
    boss = factories.manager()
    fields = {**FIELDS, "ticket": None, **changed}
    fields["ticket"] = fields["ticket"] or factories.ticket()
    if fields.get("removed_by") == "boss":
        fields["removed_by"] = boss
    with transaction.atomic():
        return Attachment.objects.create(uploaded_by=boss, **fields)


def kept() -> set[str]:
    place = Path(storages["attachments"].location)  # type: ignore[attr-defined]  # it is a folder here
    return {path.name for path in place.rglob("*") if path.is_file()}


@pytest.mark.django_db
def test_an_attachment_that_breaks_a_rule_is_refused() -> None:
    insert()
    insert(preview_width=3, preview_height=2, removed_at=NOW, removed_by="boss")
    for constraint, changed in BROKEN:
        with pytest.raises(IntegrityError, match=rf"{constraint}\b"):
            insert(**changed)


@pytest.mark.django_db
def test_the_comment_of_an_attachment_is_on_its_ticket() -> None:
    comment = factories.comment(factories.ticket())
    insert(ticket=comment.ticket, comment=comment)
    with pytest.raises(DatabaseError, match="on another ticket"):
        insert(comment=comment)


@pytest.mark.django_db
def test_attachments_are_append_only() -> None:
    made = insert(ticket=factories.ticket(), preview_width=3, preview_height=2)
    boss, other = factories.manager(), factories.ticket()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL service_ticket.allow_truncate = 'off'")  # which the tests' own connections may
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    mine = Attachment.objects.filter(pk=made.pk)
    edits: list[dict[str, Any]] = [
        {"file_name": "y.txt"},
        {"sha256": "2" * 64},
        {"size": 4},
        {"content_type": "image/png"},
        {"ticket": other},
        {"uploaded_by": boss},
        {"preview_width": 4},
        {"created_at": BEFORE},
        {"file_name": "(removed)", "sha256": "0" * 64, "removed_at": NOW, "removed_by": boss},  # without leave
    ]
    for changes in edits:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            mine.update(**changes)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        mine._raw_delete("default")
    mine.update(removed_at=NOW, removed_by=boss)
    edits = [
        {"removed_at": NOW + timedelta(days=1)},
        {"removed_by": factories.manager()},
        {"removed_at": None, "removed_by": None},
    ]
    for changes in edits:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            mine.update(**changes)
    if connection.vendor == "postgresql":
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("TRUNCATE tickets_attachment")
    assert mine.get().file_name == "x.txt"


@pytest.mark.django_db
def test_what_the_law_asks_for_takes_names_hashes_and_bytes(django_capture_on_commit_callbacks: Any) -> None:
    boss = factories.manager(email="boss@example.com")
    ticket = factories.ticket("PENDING")
    before = kept()
    removed, there = (attach(boss, ticket.pk, file=on_disk(b"Ana"), name="Ana.txt") for _ in range(2))
    remove_attachment(boss, removed.pk)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("erase_texts", ticket.ticket_number, "--by", boss.email, "--why", "Asked for.", "--yes")
    assert kept() == before
    assert Erasure.objects.count() == 1
    for row in Attachment.objects.all():
        assert (row.file_name, row.sha256, row.size, row.removed_by) == ("(removed)", "0" * 64, 3, boss)
        assert row.removed_at
    with pytest.raises(AttachmentNotFound):
        remove_attachment(boss, there.pk)
    call_command("audit")


def on_disk(content: bytes) -> Any:
    """A file for text, of which no preview is drawn, so that it may as well be in memory."""
    return io.BytesIO(content)


# --- At the same moment


@pytest.mark.django_db(transaction=True)
@override_settings(TICKET_ATTACHMENTS_MAX_MB=1)
def test_what_people_attach_at_once_never_exceeds_the_limit() -> None:
    people, ticket = [factories.associate() for _ in range(6)], factories.ticket()
    start, refused = threading.Barrier(len(people)), list[Exception]()
    before = kept()

    def run(person: User) -> None:
        try:
            start.wait(PATIENCE)
            attach(person, ticket.pk, file=on_disk(b"x" * 400_000), name="x.txt")
        except TooLarge as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    rows = {str(pk) for pk in Attachment.objects.values_list("pk", flat=True)}
    assert (len(rows), len(refused)) == (2, 4)
    assert kept() - before == rows


@pytest.mark.django_db
def test_bytes_stay_where_nobody_can_tell_whether_the_row_is_there() -> None:
    person, ticket, before = factories.associate(), factories.ticket(), kept()

    def fail(_attachment: Attachment) -> None:
        raise DatabaseError("the connection is lost")

    with pytest.raises(DatabaseError, match="lost"):
        attach(person, ticket.pk, file=on_disk(b"x"), name="x.txt", conclude=fail)
    assert len(kept() - before) == 1  # until `tidy` looks at them

    def refuse(_attachment: Attachment) -> None:
        raise TooLarge

    with pytest.raises(TooLarge):
        attach(person, ticket.pk, file=on_disk(b"x"), name="x.txt", conclude=refuse)
    assert len(kept() - before) == 1
