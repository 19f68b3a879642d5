"""What an audit says about the files that are attached to tickets."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import User
from config import settings
from tests.support import factories
from tests.support.client import ApiClient
from tickets.attachments.actions import remove_attachment
from tickets.attachments.storage import name_of
from tickets.models import Attachment, Audit, Ticket
from tickets.tests.attachments.files import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def ticket(author: User) -> Ticket:
    """With three files, of which one was removed."""
    ticket, api = factories.ticket(author=author), ApiClient(author)
    for name in ("kept.txt", "changed.txt", "removed.txt"):
        assert upload(api, ticket, name.encode(), name).status_code == 201
    remove_attachment(author, Attachment.objects.get(file_name="removed.txt").pk)
    return ticket


def audit(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The findings in words."""
    capsys.readouterr()
    with suppress(CommandError):
        call_command("audit", *arguments)
    lines = capsys.readouterr().out.splitlines()
    return [line for line in lines if not line.startswith(("Looked at ", "Nothing is wrong."))]


def test_files_are_those_that_were_attached(ticket: Ticket, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(capsys) == []
    assert Audit.objects.latest("pk").looked_at["attachments"] == 2
    factories.deleted(ticket)
    assert audit(capsys, "--ticket", ticket.ticket_number) == []


def test_one_that_was_changed_and_one_that_is_gone_are_named(
    ticket: Ticket, capsys: pytest.CaptureFixture[str]
) -> None:
    files = storages["attachments"]
    gone, changed = (Attachment.objects.get(file_name=name) for name in ("kept.txt", "changed.txt"))
    for attachment in (gone, changed):
        files.delete(name_of(attachment.pk))
    files.save(name_of(changed.pk), ContentFile(b"something else"))
    for arguments in ((), ("--ticket", ticket.ticket_number)):
        found = sorted(audit(capsys, *arguments), key=lambda line: "changed.txt" in line)
        assert len(found) == 2
        assert found[0].startswith(f"{ticket.ticket_number}: Its attachment {gone.pk} (kept.txt) cannot be read: ")
        assert found[1].startswith(f"{ticket.ticket_number}: Its attachment {changed.pk} (changed.txt) is not the file")
    assert audit(capsys, "--ticket", factories.ticket().ticket_number) == []


def test_a_whole_folder_that_is_missing_is_one_finding(
    ticket: Ticket, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = {"BACKEND": "config.folders.PrivateFolder", "OPTIONS": {"location": tmp_path / "elsewhere"}}
    with override_settings(STORAGES={**settings.STORAGES, "attachments": backend}):
        [found] = audit(capsys)
    assert f"folder {tmp_path / 'elsewhere'}: It is not there or empty, and 2 attachments should be in it." in found
    assert "See that ATTACHMENT_STORAGE is that of the server." in found
