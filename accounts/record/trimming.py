"""Removing entries older than RECORD_KEEP_DAYS, the one deletion that the triggers let pass.

A trigger cannot read a setting, so it goes by the record itself: an entry is deleted only where one says, not older
than a minute, that the record is being trimmed to so many days, at least LEAST_DAYS, and the entry is older than that.
So nothing is ever deleted without a trace that stays, and what is younger than LEAST_DAYS cannot be deleted at all. It
is the same on PostgreSQL and SQLite (accounts/migrations/0009_trimming.py).
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import AuditEntry
from accounts.record.acts import OPERATOR
from config import clock
from config.database.turns import take_turns

LEAST_DAYS = 30
# In one transaction, so that nobody waits long on SQLite.
AT_ONCE = 5000


def trim() -> int:
    """Remove entries older than RECORD_KEEP_DAYS; how many.

    The newest state of the settings stays, however old it is: the next start is compared with it.
    """
    removed = 0
    while some := _trim_some():
        removed += some
    return removed


def _trim_some() -> int:
    with transaction.atomic():
        take_turns("trimming of the record")  # or two at once would each say that they had removed the same
        now = clock.now()
        # To the second, as the triggers reckon.
        before = now.replace(microsecond=0) - timedelta(days=settings.RECORD_KEEP_DAYS)
        states = AuditEntry.objects.filter(action=AuditEntry.Action.SETTINGS).order_by("-pk")
        newest = states.values_list("pk", flat=True).first() or 0
        old = AuditEntry.objects.filter(created_at__lt=before).exclude(pk=newest)
        keys = list(old.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE])
        if keys:
            AuditEntry.objects.create(
                created_at=now,
                action=AuditEntry.Action.TRIMMED,
                changes={"kept_days": settings.RECORD_KEEP_DAYS, "removed": len(keys)},
                origin=OPERATOR.origin,
            )
            AuditEntry.objects.filter(pk__in=keys).delete()
    return len(keys)
