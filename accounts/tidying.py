"""Deletes what is not needed any more: rows about signing in, mails, old entries of the record.

The setting TIDY names these functions.
"""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import letters
from accounts.record import sign_ins, trimming
from accounts.signing_in import throttling
from config import clock


def remove_expired_sessions() -> int:
    """Delete sessions that have expired, with the forms that were kept in them; returns how many sessions."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def remove_old_attempts() -> int:
    """Delete failed sign-ins that count no more, places of processes that died, and addresses not used for long."""
    return throttling.remove_old(clock.now())


def remove_old_letters() -> int:
    """Delete mails about accounts that are more than a day old, whether they were sent or given up."""
    return letters.remove_old(clock.now())


def close_failed_sign_ins() -> int:
    """Turn counts of failures that are over into entries of the record; returns how many."""
    return sign_ins.close_quiet()


def trim_record() -> int:
    """Delete entries of the record that are older than RECORD_KEEP_DAYS; returns how many."""
    return trimming.trim()
