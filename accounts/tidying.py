"""What of signing in is not needed any more; called by config/tidy.py."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import SignInFailure


def remove_expired_sessions() -> int:
    """With the texts that were kept in them. The number of sessions."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def remove_old_failures() -> int:
    """Failed sign-ins that count no more, twice the window ago. Their number."""
    window = timedelta(seconds=settings.SIGN_IN_FAILURE_WINDOW_SECONDS)
    return SignInFailure.objects.filter(created_at__lt=timezone.now() - 2 * window).delete()[0]
