"""What of tickets is not needed any more; called by config/tidy.py."""

from __future__ import annotations

from datetime import timedelta

from config import clock
from tickets.models import Submission

SUBMISSIONS_KEPT = timedelta(days=30)
"""A form that is sent a second time by then makes no second ticket."""


def remove_old_submissions() -> int:
    """Their number."""
    return Submission.objects.of_tickets_created_before(clock.now() - SUBMISSIONS_KEPT).delete()[0]
