"""`manage.py demo` where there must be none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from accounts.models import User
from tests.support import factories
from tickets.models import Attachment, Comment, Ticket

pytestmark = pytest.mark.django_db


def test_refuses_outside_a_demo(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert User.objects.count() == 0


@pytest.mark.parametrize("has", ["a person", "a ticket"])
def test_a_desk_that_somebody_works_with_gets_none(has: str, settings: Settings) -> None:
    settings.DEMO = True
    made = factories.manager() if has == "a person" else factories.ticket().created_by
    tickets = Ticket.objects.count()
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert out.getvalue() == "This desk has people or tickets of its own, so no demo was added to it.\n"
    assert list(User.objects.all()) == [made]
    assert Ticket.objects.count() == tickets


def test_a_desk_whose_files_cannot_be_kept_is_made_without_them(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    backend = {"BACKEND": "config.folders.PrivateFolder", "OPTIONS": {"location": tmp_path / "file" / "x"}}
    settings.STORAGES = {**settings.STORAGES, "attachments": backend}
    settings.DEMO = True
    call_command("demo", stdout=io.StringIO())
    assert (Comment.objects.exists(), Attachment.objects.exists()) == (True, False)
