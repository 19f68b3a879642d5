"""The database itself refuses people that there may not be."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import IdempotencyKey, User
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("user_email_lower_case", {"email": "Ana@example.com"}),
        ("user_role_known", {"role": "ADMIN"}),
        ("user_role_known", {"role": "manager"}),
        ("user_role_known", {"role": ""}),
        ("user_name_folded", {"name": "Ana"}),
        ("user_name_folded", {"folded_name": "ana"}),
    ],
)
def test_a_person_that_breaks_a_rule_is_refused(constraint: str, changed: dict[str, Any]) -> None:
    user = factories.associate()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        User.objects.bulk_create([User(**{"email": "ana@example.com", "role": "ASSOCIATE"} | changed)])
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**changed)


def test_an_email_is_unique_whatever_its_case() -> None:
    factories.associate(email="ana@example.com")
    name = "accounts_user_email" if connection.vendor == "postgresql" else "accounts_user.email"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        factories.associate(email="ANA@Example.com")


def test_a_process_of_the_version_before_goes_on_making_people() -> None:
    """It knows no names."""
    factories.associate(email="ana@example.com", name="Ana")
    later = ("id", "email", "name", "folded_name")
    kept = ", ".join(str(field.column) for field in User._meta.concrete_fields if field.column not in later)
    key = "uuid" if connection.vendor == "postgresql" else "text"
    made = f"INSERT INTO accounts_user (id, email, {kept}) SELECT CAST(%s AS {key}), %s, {kept} FROM accounts_user"
    with connection.cursor() as cursor:
        cursor.execute(made, [uuid.UUID(int=1).hex, "rui.costa@example.com"])
    person = User.objects.get(email="rui.costa@example.com")
    assert (person.name, person.folded_name, person.shown_name) == ("", "", "Rui Costa")


ANSWER = {"purpose": "POST /tickets", "key": "k", "status": 201, "body": "{}", "expires_at": "2999-01-01T00:00:00Z"}
SOME_ID = uuid.UUID(int=1)
CLAIM = {"status": None, "claim": SOME_ID, "process": ["host", 1, 1]}


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("idempotencykey_claimed_or_done", {"status": None}),
        ("idempotencykey_claimed_or_done", {"result": SOME_ID}),
        ("idempotencykey_claimed_or_done", {"claim": SOME_ID}),
        ("idempotencykey_claimed_or_done", {"process": ["host", 1, 1]}),
        ("idempotencykey_claimed_or_done", {**CLAIM, "process": None}),
        ("idempotencykey_claimed_or_done", {**CLAIM, "expires_at": None}),
        ("idempotencykey_claimed_or_done", {**CLAIM, "status": 201}),
        ("idempotencykey_claimed_or_done", {**CLAIM, "result": SOME_ID}),
        ("idempotencykey_keeps_success", {"status": 199}),
        ("idempotencykey_keeps_success", {"status": 300}),
    ],
)
def test_what_is_kept_under_a_key_is_a_claim_or_an_answer(constraint: str, changed: dict[str, Any]) -> None:
    for good in (ANSWER, ANSWER | CLAIM, {**ANSWER, "status": None, "result": SOME_ID, "expires_at": None}):
        IdempotencyKey.objects.create(**good)
        IdempotencyKey.objects.all().delete()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        IdempotencyKey.objects.create(**ANSWER | changed)


def test_a_key_stands_for_one_thing_of_one_person_or_of_nobody() -> None:
    people = (factories.associate(), factories.associate(), None)
    for person in people:
        for other in ({}, {"purpose": "cycle"}, {"key": "K"}):
            IdempotencyKey.objects.create(**ANSWER | other, person=person)
    for person in people:
        with pytest.raises(IntegrityError, match="idempotencykey"), transaction.atomic():
            IdempotencyKey.objects.create(**ANSWER, person=person)
