"""What the database refuses of files that wait, who gets one that two forms ask for, and what is tidied meanwhile."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from tests.support import factories
from tests.support.patience import PATIENCE
from tickets.attachments import storage, tidying
from tickets.attachments.storage import name_of
from tickets.comments.actions import add_comment_once
from tickets.models import Attachment, Comment, Upload
from tickets.uploads.actions import keep_waiting

BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("upload_size_from_one", {"size": 0}),
    ("upload_has_a_name", {"file_name": ""}),
    ("upload_sha256_length", {"sha256": "0" * 63}),
    ("upload_preview_has_both_sides", {"preview_width": 3}),
    ("upload_preview_has_both_sides", {"preview_width": 3, "preview_height": 0}),
]


def waiting_of(user: User) -> Upload:
    with TemporaryFile() as file:
        file.write(b"some bytes")
        return keep_waiting(user, file=file, name="x.txt")


@pytest.mark.django_db
def test_an_upload_that_breaks_a_rule_is_refused() -> None:
    about = {"file_name": "x", "content_type": "text/plain", "size": 3, "sha256": "1" * 64}
    whole = {**about, "uploaded_by": factories.associate(), "created_at": timezone.now()}
    Upload.objects.create(**whole)
    for constraint, changed in BROKEN:
        with pytest.raises(IntegrityError, match=rf"{constraint}\b"), transaction.atomic():
            Upload.objects.create(**{**whole, **changed})


@pytest.mark.django_db
def test_bytes_that_wait_are_no_orphans(django_capture_on_commit_callbacks: Any) -> None:
    upload, files = waiting_of(factories.associate()), storages["attachments"]
    assert upload.pk in {attachment_id for _name, attachment_id in storage.all_kept()}
    assert tidying._needed({upload.pk}) == {upload.pk}
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        call_command("tidy")
    assert not files.exists(name_of(upload.pk))
    assert tidying._needed({upload.pk}) == set()


@pytest.mark.django_db(transaction=True)
def test_of_two_forms_that_bring_the_same_file_one_gets_it() -> None:
    author, ticket = factories.associate(), factories.ticket()
    uploads = [waiting_of(author) for _ in range(3)]
    start, failed = threading.Barrier(3), list[Exception]()

    def send(number: int) -> None:
        try:
            start.wait(PATIENCE)
            for at, upload in enumerate(uploads):
                key = uuid.uuid5(upload.pk, "another form") if number == 0 else upload.pk
                add_comment_once(author, key, ticket.pk, text=f"{number} {at}", uploads=[upload.pk])
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {attachment.pk for attachment in Attachment.objects.all()} == {upload.pk for upload in uploads}
    assert all(attachment.comment_id for attachment in Attachment.objects.all())
    assert not Upload.objects.exists()
    assert Comment.objects.count() == 6  # two of the forms were the same one
