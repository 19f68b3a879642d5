"""Removing rows beside tickets that nobody needs any more; called by config/tidy.py."""

from __future__ import annotations

from datetime import timedelta

from config import clock
from tickets.models import Submission

# A form that is sent a second time within this time makes no second ticket.
SUBMISSIONS_KEPT = timedelta(days=30)


def remove_old_submissions() -> int:
    """Remove submissions older than SUBMISSIONS_KEPT; the number of rows removed."""
    return Submission.objects.of_tickets_created_before(clock.now() - SUBMISSIONS_KEPT).delete()[0]
