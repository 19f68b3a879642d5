"""Finding people by what somebody typed of a name or an e-mail, and by role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.email_spelling import one_spelling
from accounts.errors import PersonNotFound
from accounts.models import Role, User, UserQuerySet
from accounts.naming import names
from config.errors import InvalidInput
from config.ids import parse_uuid

# Characters that may be looked for.
MOST_SOUGHT = 200
ACTIVE = {"true": True, "false": False}


def sought(text: str) -> str:
    """What somebody typed, as far as it is looked for."""
    return text.replace("\0", "").strip()[:MOST_SOUGHT]


def person_of(id: str) -> User:
    """The person of this id. Raises PersonNotFound, also for what is no id."""
    try:
        return User.objects.get(pk=parse_uuid(id))
    except (ValueError, User.DoesNotExist):
        raise PersonNotFound from None


def found_people(query: Mapping[str, str]) -> UserQuerySet:
    """The people whom `q`, `role` and `active` of a query leave; an empty value counts as absent.

    Raises InvalidInput that names each bad value.
    """
    found, bad = User.objects.all(), dict[str, list[str]]()
    for name, (narrow, complaint) in _FILTERS.items():
        if not (value := query.get(name)):
            continue
        narrowed = narrow(found, value)
        if narrowed is None:
            bad[name] = [str(complaint())]
        else:
            found = narrowed
    if bad:
        raise InvalidInput(bad)
    return found.order_by("email")


def _named(people: UserQuerySet, value: str) -> UserQuerySet | None:
    return people.named(value) if len(value) <= MOST_SOUGHT and "\0" not in value else None


def _of_role(people: UserQuerySet, value: str) -> UserQuerySet | None:
    return people.filter(role=value) if value in Role.values else None


def _of_state(people: UserQuerySet, value: str) -> UserQuerySet | None:
    return people.filter(is_active=ACTIVE[value]) if value in ACTIVE else None


type _Narrow = Callable[[UserQuerySet, str], UserQuerySet | None]
_FILTERS: dict[str, tuple[_Narrow, Callable[[], Any]]] = {
    "q": (_named, lambda: _("Write at most %(most)d characters, without NUL.") % {"most": MOST_SOUGHT}),
    "role": (_of_role, lambda: _("Write one of %(choices)s.") % {"choices": ", ".join(Role.values)}),
    "active": (_of_state, lambda: _("Write one of %(choices)s.") % {"choices": ", ".join(ACTIVE)}),
}


def candidates(typed: str, *, most: int) -> list[User]:
    """Whom somebody means who types this: one person where it can only be them, else up to `most` who fit.

    It can only be the one whose e-mail it is, or the only one who is called so and not only has a name that contains
    it. People who can sign in stand first. `typed` has at most MOST_SOUGHT characters and no NUL.
    """
    by_email = User.objects.filter(email=one_spelling(typed)).first()
    if by_email is not None:
        return [by_email]
    fitting = list(User.objects.named(typed).order_by("-is_active", "email")[:most])
    called_so = [person for person in fitting if names.fold(person.shown_name) == names.fold(typed)]
    return called_so if len(called_so) == 1 and len(fitting) < most else fitting
