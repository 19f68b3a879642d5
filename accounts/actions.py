"""All that changes people. Each function writes only the columns that it is about, and says what it expects to find.

No copy of a person is ever saved whole: whoever loaded it may have been deactivated, demoted or given another password
since, and what support staff did stands. Every act is recorded in its own transaction, and who is concerned is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import letters
from accounts.errors import AbovePerson, AccountChanged, EmailTaken, NoMailForLink, OwnRights
from accounts.models import AuditEntry, User
from accounts.naming import names
from accounts.permissions import may_grant, may_manage
from accounts.record.acts import By, record

RIGHTS = ("role", "is_active", "is_staff")
STAFF_MAY_CHANGE = ("email", "name", *RIGHTS)


def save_preferences(user: User, **chosen: Any) -> None:
    """Store theme, time_zone or both."""
    if chosen:
        User.objects.filter(pk=user.pk).update(**chosen)


def change_own_name(by: By, name: str) -> None:
    """Give the one who acts another name, one that validate_name has passed; empty takes it away. It is recorded."""
    assert by.actor is not None  # noqa: S101  # nosec B101 # nobody else has a name of their own
    with transaction.atomic():
        now = _locked(by.actor)
        if (new := names.tidy(name)) != now.name:
            User.objects.filter(pk=now.pk).update(name=new, folded_name=names.fold(new))
            record(by, AuditEntry.Action.CHANGED, now, {"name": [now.name, new]})


def change_own_password(by: By, user: User, password: str) -> None:
    """Change the password of somebody who is signed in. The caller has checked the old password.

    `user` must have been loaded when the request began, and is up to date afterwards. All other sign-ins end.

    Raises AccountChanged where somebody has changed the person's password, role or active flag meanwhile: that stands.
    """
    encoded = make_password(password)
    with transaction.atomic():
        _set_password(user, encoded, security_stamp=user.security_stamp, is_active=True)
        record(by, AuditEntry.Action.PASSWORD_CHANGED, user)


def set_password_by_link(by: By, user: User, password: str) -> None:
    """Set the password of somebody who has followed a one-time link. Raises AccountChanged, as change_own_password."""
    encoded = make_password(password)
    with transaction.atomic():
        _set_password(user, encoded, security_stamp=user.security_stamp, is_active=True)
        record(by, AuditEntry.Action.LINK_USED, user)


def create_person(by: By, person: User) -> None:
    """Keep a person that has been made and validated, with their password if any. Raises AbovePerson, EmailTaken."""
    with transaction.atomic():
        if by.actor is not None and not may_grant(_locked(by.actor), role=person.role, is_staff=person.is_staff):
            raise AbovePerson
        person.take_name(person.name)
        with _email_is_free():
            person.save(force_insert=True)
        told = ("email", "name", "role", "is_staff") if person.name else ("email", "role", "is_staff")
        values = {name: [None, getattr(person, name)] for name in told}
        record(by, AuditEntry.Action.CREATED, person, values)


def change_person(by: By, person: User, **changes: Any) -> None:
    """Change some of STAFF_MAY_CHANGE. Fields that have the new value already are neither written nor recorded.

    Raises AbovePerson where the person or what they become is above the actor, OwnRights for one's own RIGHTS, and
    EmailTaken.
    """
    with transaction.atomic():
        now = _require_may_manage(by, person)
        changed = {name: [getattr(now, name), new] for name, new in changes.items() if getattr(now, name) != new}
        if not changed:
            return
        if by.actor is not None:
            if by.actor.pk == person.pk and set(changed) & set(RIGHTS):
                raise OwnRights
            new = {name: changes.get(name, getattr(now, name)) for name in ("role", "is_staff")}
            if not may_grant(_locked(by.actor), **new):
                raise AbovePerson
        with _email_is_free():
            User.objects.filter(pk=person.pk).update(**_columns(changed))
        record(by, AuditEntry.Action.CHANGED, person, changed)
        person.refresh_from_db(fields=["security_stamp", *STAFF_MAY_CHANGE])
        _tell(by, person, [_word(name, new) for name, (_old, new) in changed.items()], email=now.email)


def set_password_of(by: By, person: User, password: str | None) -> None:
    """Set somebody's password as support staff.

    None takes it away. It stands whatever the person does meanwhile. Raises AbovePerson.
    """
    encoded = make_password(password)
    with transaction.atomic():
        _require_may_manage(by, person)
        _set_password(person, encoded)
        record(by, AuditEntry.Action.PASSWORD_SET, person)
        _tell(
            by, person, [_("Your password was set to another one.") if password else _("Your password was taken away.")]
        )


def make_link(by: By, person: User) -> str | None:
    """A one-time link to hand to the person; None where it is mailed to them.

    It is mailed where they stand above the actor, and where they are the actor: shown, it would let whoever sits at a
    browser left signed in set a password without the old one. Raises NoMailForLink where no mail is configured then.
    """
    with transaction.atomic():
        actor, now = _both_locked(by, person)
        if actor is None or (actor.pk != now.pk and may_manage(actor, now)):
            record(by, AuditEntry.Action.LINK_MADE, person)
            _tell(by, person, [_("A one-time link was made with which a new password can be set for you.")])
            return letters.one_time_link(person)
        if not settings.HAS_MAIL:
            raise NoMailForLink
        record(by, AuditEntry.Action.LINK_MAILED, person)
        letters.mail_link(person)
        return None


def _columns(changed: dict[str, list[Any]]) -> dict[str, Any]:
    """What is written for changes of STAFF_MAY_CHANGE, each the old and the new value."""
    new = {name: new for name, (_old, new) in changed.items()}
    return new | {"folded_name": names.fold(new["name"])} if "name" in new else new


@contextmanager
def _email_is_free() -> Iterator[None]:
    """All else has been validated; whether the e-mail is free may have changed since."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise EmailTaken from error


def _locked(user: User) -> User:
    """This person as the database has them now, locked until the end of the transaction."""
    return User.objects.select_for_update().get(pk=user.pk)


def _both_locked(by: By, person: User) -> tuple[User | None, User]:
    """The actor and the person as they are now: rights are judged by that, not by when the page was opened."""
    both = (person,) if by.actor is None else (by.actor, person)
    # In one order, so that two who act on each other do not wait for each other.
    people = {user.pk: user for user in map(_locked, sorted(both, key=lambda user: user.pk))}
    return people[by.actor.pk] if by.actor else None, people[person.pk]


def _require_may_manage(by: By, person: User) -> User:
    """The person as they are now, locked. Raises AbovePerson where the actor may not manage them."""
    actor, now = _both_locked(by, person)
    if actor is not None and not may_manage(actor, now):
        raise AbovePerson
    return now


def _set_password(user: User, encoded: str, **expected: Any) -> None:
    """Call in a transaction, with a hash that was made before it, since that takes long. Raises AccountChanged."""
    if not User.objects.filter(pk=user.pk, **expected).update(password=encoded):
        raise AccountChanged
    # The stamp that this very change has made, read while the row is still ours: a session that is bound to it ends
    # with whatever support staff do next.
    user.refresh_from_db(fields=["password", "security_stamp"])


def _tell(by: By, person: User, what: list[str], *, email: str = "") -> None:
    """Mail a person what was done to their account, unless they did it themselves."""
    if by.actor is not None and by.actor.pk == person.pk:
        return
    who = by.actor.name_and_email if by.actor else _("whoever runs the server")
    closing = _("This was done by %(who)s. If you did not expect it, ask them.") % {"who": who}
    letters.tell(person, "\n".join([*what, "", closing]), email=email)


def _word(name: str, value: Any) -> str:
    match name, value:
        case "email", _any:
            return _("Your e-mail for signing in is now %(email)s.") % {"email": value}
        case "name", "":
            return _("Your name was taken away: one made of your e-mail is shown.")
        case "name", _any:
            return _("Your name is now %(name)s.") % {"name": value}
        case "role", _any:
            return _("Your role is now %(role)s.") % {"role": value}
        case "is_active", True:
            return _("You can sign in again.")
        case "is_active", False:
            return _("You can no longer sign in.")
        case "is_staff", True:
            return _("You are now support staff.")
    return _("You are no longer support staff.")
