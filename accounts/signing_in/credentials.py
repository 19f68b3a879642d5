"""Checking e-mail and password, the same way for REST clients, pages and the admin."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX as UNUSABLE
from django.contrib.auth.hashers import verify_password
from django.db.models import Case, Q, When
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy

from accounts.models import EMAIL_LENGTH, User, UserManager
from accounts.record.acts import address_of
from accounts.record.sign_ins import record_failure
from accounts.signing_in import throttling
from accounts.signing_in.hashing import present_form
from config.errors import DomainError
from config.server.limits import peer_of


class InvalidCredentials(DomainError):
    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_credentials"
    message = gettext_lazy("Invalid credentials")


def source_of(request: HttpRequest) -> str:
    """What limits count as one address: with IPv6 the network of one customer, who has more addresses than attempts."""
    return peer_of(address_of(request))


def sign_in(request: HttpRequest, *, email: str, password: str) -> User:
    """The active person with this e-mail and password.

    Unknown e-mails take as long as known ones, so the time does not tell which exist. Raises InvalidCredentials,
    TooManyAttempts once too many failures came from this address for this account or in all (failures from other
    addresses never count, so that nobody can lock a colleague out), or Busy where there is too much to do. Failures are
    recorded here; that somebody is signed in is recorded by who makes the session or the token.
    """
    email = UserManager.normalize_email(email)
    address = source_of(request)
    place = throttling.take_place(email[:EMAIL_LENGTH], address)
    try:
        user = _check(email, password)
    except BaseException:
        throttling.give_back(place)
        raise
    if user is None:
        throttling.fail(place)
        record_failure(email, address_of(request))
        raise InvalidCredentials
    throttling.succeed(place)
    return user


def _check(email: str, password: str) -> User | None:
    """The person, as they are when it has been checked.

    Every attempt costs the same, whether the e-mail is known or not: one hash of the present form, and, as long as
    anybody has a hash of an older form, which takes another time, one of that.
    """
    user = User.objects.active().filter(email=email).first()
    old = _old_hash(email)
    is_right, is_old = verify_password(password, user.password if user else UNUSABLE)
    if old is not None:
        verify_password(password, UNUSABLE if is_old else old)
    if user is None or not is_right:
        return None
    if is_old:
        user.renew_hash(password)
    # A password that was changed meanwhile signs nobody in; a hash that was renewed meanwhile, or a role, is no reason.
    unchanged = Q(security_stamp=user.security_stamp) | Q(password=user.password)
    return User.objects.active().filter(unchanged, pk=user.pk).first()


def _old_hash(email: str) -> str | None:
    """One of the hashes that are not of the present form, always the same for an e-mail; None where there is none."""
    people = User.objects.exclude(password__startswith=present_form()).exclude(password__startswith=UNUSABLE)
    start = UUID(bytes=salted_hmac("accounts.sign_in", email, algorithm="sha256").digest()[:16])
    first = Case(When(pk__gte=start, then=0), default=1)
    return people.order_by(first, "pk").values_list("password", flat=True).first()
