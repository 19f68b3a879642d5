"""One account for an e-mail, however its domain is written, at every door."""

from __future__ import annotations

import importlib
import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import Letter, User, UserManager
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, associate, manager
from tests.support.fakes.smtp import IN_MEMORY

pytestmark = pytest.mark.django_db

PEOPLE, BROWSERS = "otto@bücher.example", "otto@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (PEOPLE, PEOPLE),
        (BROWSERS, PEOPLE),
        (" Otto@BÜCHER.example ", PEOPLE),
        ("otto@XN--BCHER-KVA.EXAMPLE", PEOPLE),
        ("otto@bu\u0308cher.example", PEOPLE),
        ("otto@straße.example", "otto@straße.example"),
        ("otto@xn--strae-oqa.example", "otto@straße.example"),
        ("otto@日本語.jp", "otto@日本語.jp"),
        ("otto@xn--wgv71a119e.jp", "otto@日本語.jp"),
        ("Otto@Example.com", "otto@example.com"),
        ("otto@xn--.example", "otto@xn--.example"),
        ("otto@xn--a" + "b" * 5000, "otto@xn--a" + "b" * 5000),
        ("bücher.example", "bücher.example"),
        ("", ""),
        (None, ""),
    ],
)
def test_spellings(typed: str | None, kept: str) -> None:
    assert UserManager.normalize_email(typed) == kept
    assert UserManager.normalize_email(kept) == kept


@pytest.mark.parametrize("made_as", [PEOPLE, BROWSERS])
@pytest.mark.parametrize("typed", [PEOPLE, BROWSERS])
def test_signing_in(made_as: str, typed: str) -> None:
    associate(email=made_as, password=PASSWORD, is_staff=True)
    answer = ApiClient().post("/auth/login", {"email": typed, "password": PASSWORD})
    assert answer.json()["user"]["email"] == PEOPLE
    assert Client().post("/desk/login/", {"email": typed, "password": PASSWORD}).status_code == 302
    assert Client().post("/admin/login/?next=/admin/", {"username": typed, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("second", [PEOPLE, BROWSERS])
def test_a_second_account_is_refused(second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    associate(email=PEOPLE)
    monkeypatch.setattr("sys.stdin", io.StringIO("a quiet new morning\n"))
    with pytest.raises(CommandError, match="already exists"):
        call_command("create_user", second)
    desk, other = Client(), associate()
    desk.force_login(manager(is_staff=True))
    form = {"email": second, "role": "ASSOCIATE", "usable_password": "false"}
    assert "already exists" in desk.post("/admin/accounts/user/add/", form).content.decode()
    page = desk.post(f"/admin/accounts/user/{other.pk}/change/", form | {"is_active": "on"})
    assert "already exists" in page.content.decode()


@pytest.mark.parametrize("typed", [PEOPLE, BROWSERS])
def test_a_lost_password(typed: str, settings: Settings) -> None:
    settings.HAS_MAIL = True
    settings.MAILERS = IN_MEMORY
    associate(email=PEOPLE, password=PASSWORD)
    Client().post("/desk/password/", {"email": typed})
    assert Letter.objects.get().email == PEOPLE


def stored(*emails: str) -> list[User]:
    """People as an earlier version has kept them."""
    people = [associate() for _ in emails]
    for user, email in zip(people, emails, strict=True):
        User.objects.filter(pk=user.pk).update(email=email)
    return people


def migrate(capsys: Any) -> str:
    migration = importlib.import_module("accounts.migrations.0005_one_spelling")
    migration.respell(apps, SimpleNamespace(connection=connection))
    return str(capsys.readouterr().out)


def test_the_migration_respells_what_is_alone(capsys: Any) -> None:
    [otto, ana] = stored(BROWSERS, "ana@example.com")
    assert migrate(capsys) == ""
    assert {otto.pk: PEOPLE, ana.pk: "ana@example.com"} == dict(User.objects.values_list("pk", "email"))


def test_the_migration_lists_two_that_would_become_one_and_leaves_them(capsys: Any) -> None:
    stored(PEOPLE, BROWSERS, "ana@xn--bcher-kva.example")
    said = migrate(capsys)
    assert said.count("Several accounts for") == 1
    assert f"{PEOPLE}, {BROWSERS}" in said or f"{BROWSERS}, {PEOPLE}" in said
    assert {PEOPLE, BROWSERS, "ana@bücher.example"} == set(User.objects.values_list("email", flat=True))
