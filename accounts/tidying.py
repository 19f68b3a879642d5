"""Deletes rows about signing in that are not needed any more. The setting TIDY names these functions."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import letters
from accounts.signing_in import throttling
from config import clock


def remove_expired_sessions() -> int:
    """With the forms that were kept in them. Returns the number of sessions."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def remove_old_attempts() -> int:
    """Failed sign-ins that count no more, places of processes that have died, addresses long not signed in from."""
    return throttling.remove_old(clock.now())


def remove_old_letters() -> int:
    """Mails about accounts of more than a day ago, sent or given up."""
    return letters.remove_old(clock.now())
