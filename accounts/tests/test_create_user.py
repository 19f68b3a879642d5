"""`manage.py create_user`, with the password on standard input."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from tests.support.factories import associate

pytestmark = pytest.mark.django_db

GOOD = "a quiet new morning"


def create(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = GOOD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    out = io.StringIO()
    call_command("create_user", *arguments, stdout=out)
    return out.getvalue()


def test_makes_a_manager_who_may_use_the_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    said = create(monkeypatch, "Boss@Example.com", "--role", "MANAGER", "--staff")
    assert said == "boss@example.com can sign in as MANAGER and use the admin.\n"
    user = User.objects.get(email="boss@example.com")
    assert (user.role, user.is_staff, user.check_password(GOOD)) == ("MANAGER", True, True)


def test_staff_is_not_given_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, "boss@example.com", "--role", "MANAGER")
    assert User.objects.get().is_staff is False


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        ("nobody", GOOD, "valid email"),
        ("boss@example.com", "short", "too short"),
        ("boss@example.com", "", "too short"),
        ("boss@example.com", "1234567890123", "entirely numeric"),
        ("TAKEN@example.com", GOOD, "already exists"),
    ],
)
def test_refuses_and_says_why(monkeypatch: pytest.MonkeyPatch, email: str, password: str, complaint: str) -> None:
    associate(email="taken@example.com")
    with pytest.raises(CommandError, match=complaint):
        create(monkeypatch, email, password=password)
    assert User.objects.count() == 1
