"""All that changes people. Each function writes only the columns that it is about, and says what it expects to find.

No copy of a person is ever saved whole: whoever loaded it may have been deactivated, demoted or given another password
since, and what support staff did stands.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.errors import AccountChanged
from accounts.models import User
from config import clock

PREFERENCES = ("theme", "time_zone", "wants_mail")
STAFF_MAY_CHANGE = ("email", "role", "is_active", "is_staff")


def save_preferences(user: User, **chosen: Any) -> None:
    """Those of PREFERENCES that are given. Mails begin with what happens from now on."""
    if "wants_mail" in chosen:
        chosen["mailed_until"] = clock.now()
    if chosen:
        User.objects.filter(pk=user.pk).update(**chosen)


def change_own_password(user: User, password: str) -> None:
    """For who is signed in, has given the old one, and was loaded when this request began; `user` is then up to date.

    It ends all other sign-ins. Raises AccountChanged where somebody has changed the person's password, role or
    active flag meanwhile: that stands.
    """
    _set_password(user, password, expecting={"security_stamp": user.security_stamp, "is_active": True})


def set_password_by_link(user: User, password: str) -> None:
    """For who has followed a one-time link. Raises AccountChanged as change_own_password does."""
    _set_password(user, password, expecting={"security_stamp": user.security_stamp, "is_active": True})


def set_password_of(person: User, password: str | None) -> None:
    """What support staff do; None leaves the person without any. It stands whatever the person does meanwhile."""
    _set_password(person, password, expecting={})


def change_person(person: User, **changes: Any) -> None:
    """What support staff do: some of STAFF_MAY_CHANGE."""
    User.objects.filter(pk=person.pk).update(**changes)


def _set_password(user: User, password: str | None, *, expecting: dict[str, Any]) -> None:
    encoded = make_password(password)  # takes long, so before anything is locked
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, **expecting).update(password=encoded):
            raise AccountChanged
        # The stamp that this very change has made, read while the row is still ours: a session that is bound to it
        # ends with whatever support staff do next.
        user.refresh_from_db(fields=["password", "security_stamp"])
