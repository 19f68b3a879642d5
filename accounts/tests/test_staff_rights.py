"""Whom support staff may change, and what is recorded and told of it."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import Settings

from accounts.models import AuditEntry, Letter, User
from accounts.signing_in.tokens import issue_token
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, associate, manager, person
from tests.support.fakes.smtp import IN_MEMORY

pytestmark = pytest.mark.django_db

# Role and staff flag of who acts, of whom, and whether it is allowed.
GRID = [
    ("ASSOCIATE", "ASSOCIATE", False, True),
    ("ASSOCIATE", "ASSOCIATE", True, False),
    ("ASSOCIATE", "MANAGER", False, False),
    ("ASSOCIATE", "MANAGER", True, False),
    ("MANAGER", "ASSOCIATE", False, True),
    ("MANAGER", "ASSOCIATE", True, True),
    ("MANAGER", "MANAGER", False, True),
    ("MANAGER", "MANAGER", True, True),
]


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def values(user: User) -> tuple[Any, ...]:
    user.refresh_from_db()
    return user.email, user.role, user.is_staff, user.is_active, user.password


@pytest.fixture
def mail(settings: Settings) -> None:
    settings.HAS_MAIL = True
    settings.MAILERS = IN_MEMORY


@pytest.mark.parametrize(("role", "subject_role", "subject_is_staff", "allowed"), GRID)
def test_staff_manage_people_up_to_their_own_role(
    role: str, subject_role: str, subject_is_staff: bool, allowed: bool
) -> None:
    actor, subject = person(role, is_staff=True), person(subject_role, is_staff=subject_is_staff, password=PASSWORD)
    desk, before, path = desk_of(actor), values(subject), f"/admin/accounts/user/{subject.pk}"
    password = {"password1": "a quiet new morning", "password2": "a quiet new morning", "usable_password": "true"}
    for address, form in (
        (f"{path}/change/", {"email": "taken@example.com", "role": subject_role, "is_active": "on"}),
        (f"{path}/password/", password),
        ("/admin/accounts/user/", {"action": "deactivate", "_selected_action": str(subject.pk)}),
    ):
        status = desk.post(address, form).status_code
        after = values(subject)
        assert (after != before) is allowed, address
        assert status == (302 if allowed or "action" in form else 403)
        before = after
    assert AuditEntry.objects.filter(actor=actor, subject=subject).count() == (3 if allowed else 0)


@pytest.mark.parametrize("form", [{"role": "MANAGER"}, {"role": "ASSOCIATE", "is_staff": "on"}])
def test_staff_who_are_associates_make_nobody_above_ordinary(form: dict[str, str]) -> None:
    desk = desk_of(associate(is_staff=True))
    desk.post("/admin/accounts/user/add/", {"email": "new@example.com", "usable_password": "false", **form})
    made = User.objects.get(email="new@example.com")
    assert (made.role, made.is_staff) == ("ASSOCIATE", False)
    desk.post(f"/admin/accounts/user/{made.pk}/change/", {"email": made.email, "is_active": "on", **form})
    assert values(made)[1:3] == ("ASSOCIATE", False)


def make_link(actor: User, subject: User) -> str:
    form = {"action": "make_one_time_link", "_selected_action": str(subject.pk)}
    return desk_of(actor).post("/admin/accounts/user/", form, follow=True).content.decode()


def test_a_link_for_somebody_above_is_refused_without_mail() -> None:
    boss = manager(password=PASSWORD)
    page = make_link(associate(is_staff=True), boss)
    assert f"Not done for {boss.email}: " in page
    assert "is mailed and never shown, and this desk sends no mail" in page
    assert "/desk/password/" not in page
    assert not AuditEntry.objects.exists()


@pytest.mark.usefixtures("mail")
def test_a_link_for_somebody_above_is_mailed_and_not_shown() -> None:
    boss = manager(password=PASSWORD)
    page = make_link(associate(is_staff=True), boss)
    assert "A link was mailed to" in page
    assert "/desk/password/" not in page
    assert Letter.objects.get().email == boss.email
    assert AuditEntry.objects.get().action == "person_link_mailed"


@pytest.mark.usefixtures("mail")
def test_a_link_for_oneself_is_mailed_and_not_shown() -> None:
    boss = manager(password=PASSWORD, is_staff=True)
    page = make_link(boss, boss)
    assert "A link was mailed to" in page
    assert "/desk/password/" not in page
    assert Letter.objects.get().email == boss.email


def test_a_link_leaves_a_trace() -> None:
    actor, subject = associate(is_staff=True), associate()
    assert "/desk/password/" in make_link(actor, subject)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.subject, entry.action) == (actor, subject, "person_link_made")
    assert entry.origin == "127.0.0.1"


@pytest.mark.usefixtures("mail")
def test_whoever_is_concerned_is_told() -> None:
    actor, subject = manager(is_staff=True), associate(email="ana@example.com")
    path = f"/admin/accounts/user/{subject.pk}/change/"
    form = {"email": "anna@example.com", "role": "MANAGER", "is_active": "on"}
    desk_of(actor).post(path, form)
    letter = Letter.objects.get()
    assert letter.email == "ana@example.com", "the address where they are told was changed by the very act"
    assert "anna@example.com" in letter.text
    assert "Your role is now MANAGER." in letter.text
    assert actor.email in letter.text


def test_the_record_says_what_was_changed_and_no_secret() -> None:
    actor, subject = manager(is_staff=True), associate(email="ana@example.com")
    form = {"email": "ana@example.com", "role": "MANAGER", "is_active": "on", "is_staff": "on"}
    desk_of(actor).post(f"/admin/accounts/user/{subject.pk}/change/", form, REMOTE_ADDR="192.0.2.7")
    entry = AuditEntry.objects.get()
    assert entry.changes == {"role": ["ASSOCIATE", "MANAGER"], "is_staff": [False, True]}
    assert (entry.action, entry.origin) == ("person_changed", "192.0.2.7")


def test_the_record_is_read_in_the_admin_and_changed_by_nobody() -> None:
    actor, subject = manager(is_staff=True), associate()
    make_link(actor, subject)
    desk, entry = desk_of(actor), AuditEntry.objects.get()
    assert subject.email in desk.get("/admin/accounts/auditentry/").content.decode()
    assert desk.get(f"/admin/accounts/auditentry/{entry.pk}/change/").status_code == 200
    for where in ("change", "delete"):
        assert desk.post(f"/admin/accounts/auditentry/{entry.pk}/{where}/", {"post": "yes"}).status_code == 403
    assert desk.get("/admin/accounts/auditentry/add/").status_code == 403


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET origin = 'elsewhere'", "DELETE FROM accounts_auditentry"]
)
def test_the_database_refuses_to_change_the_record(statement: str) -> None:
    make_link(manager(is_staff=True), associate())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().origin == "127.0.0.1"


def set_role(*arguments: str) -> str:
    out = io.StringIO()
    call_command("set_role", *arguments, stdout=out)
    return out.getvalue()


def test_the_operator_makes_a_manager_where_there_is_none() -> None:
    user = associate(email="ana@example.com")
    token = issue_token(user)
    assert (
        set_role("ANA@example.com", "--role", "manager", "--staff") == "ana@example.com is MANAGER and support staff.\n"
    )
    assert values(user)[1:3] == ("MANAGER", True)
    assert ApiClient(token=token).get("/auth/me").status_code == 401
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.subject, entry.origin) == (None, user, "command line")
    assert set_role("ana@example.com", "--role", "ASSOCIATE") == "ana@example.com is ASSOCIATE and support staff.\n"
    assert set_role("ana@example.com", "--role", "ASSOCIATE", "--no-staff") == "ana@example.com is ASSOCIATE.\n"


def test_the_operator_is_told_of_an_unknown_person() -> None:
    with pytest.raises(CommandError, match=re.escape("Nobody has the e-mail nobody@example.com.")):
        set_role("nobody@example.com", "--role", "MANAGER")


def test_ones_own_password_is_changed_where_the_old_one_is_asked_for() -> None:
    boss = manager(is_staff=True, password=PASSWORD)
    answer = desk_of(boss).get(f"/admin/accounts/user/{boss.pk}/password/")
    assert answer.headers["Location"] == "/desk/preferences/password/"
