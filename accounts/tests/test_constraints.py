"""The database itself refuses people that there may not be."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("user_email_lower_case", {"email": "Ana@example.com"}),
        ("user_role_known", {"role": "ADMIN"}),
        ("user_role_known", {"role": "manager"}),
        ("user_role_known", {"role": ""}),
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
