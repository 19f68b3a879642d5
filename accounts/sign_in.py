"""Checking e-mail and password, the same way for REST clients, pages and the admin."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ADDRESS_LENGTH, SignInFailure, User, UserManager
from config.errors import DomainError, TooManyAttempts


class InvalidCredentials(DomainError):
    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_credentials"
    message = gettext_lazy("Invalid credentials")


def sign_in(request: HttpRequest, *, email: str, password: str) -> User:
    """The active person with this e-mail and password.

    An unknown e-mail costs the same hash as a known one, so the time does not tell which exist. Raises
    InvalidCredentials, or TooManyAttempts once too many failures came from this address for this account or in all;
    failures from other addresses never count, so that nobody can lock a colleague out.
    """
    email = UserManager.normalize_email(email)
    address = request.META.get("REMOTE_ADDR", "")[:ADDRESS_LENGTH]  # a proxy may hand on what is no address
    _refuse_too_many(email, address)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        _record_failure(email, address)
        raise InvalidCredentials
    # Checking may have renewed the hash and with it the stamp. A password that was changed meanwhile signs nobody in.
    try:
        user.refresh_from_db(from_queryset=User.objects.filter(password=user.password, is_active=True))
    except User.DoesNotExist:
        raise InvalidCredentials from None
    return user


def _window() -> timedelta:
    return timedelta(seconds=settings.SIGN_IN_FAILURE_WINDOW_SECONDS)


def _refuse_too_many(email: str, address: str) -> None:
    recent = SignInFailure.objects.filter(address=address, created_at__gt=timezone.now() - _window())
    for failures, limit in (
        (recent.filter(email=_key(email)), settings.SIGN_IN_FAILURES_PER_ACCOUNT_AND_ADDRESS),
        (recent, settings.SIGN_IN_FAILURES_PER_ADDRESS),
    ):
        # The oldest of the newest `limit` failures is the one whose ageing lets the next attempt through.
        deciding = list(failures.order_by("-created_at").values_list("created_at", flat=True)[limit - 1 : limit])
        if deciding:
            wait = max(1, round((deciding[0] + _window() - timezone.now()).total_seconds()))
            raise TooManyAttempts(
                _("Too many failed sign-ins. Try again in %(minutes)d minutes.") % {"minutes": -(-wait // 60)},
                retry_after=wait,
            )


def _record_failure(email: str, address: str) -> None:
    SignInFailure.objects.filter(created_at__lt=timezone.now() - _window()).delete()
    SignInFailure.objects.create(email=_key(email), address=address)


def _key(email: str) -> str:
    return email[:254]
