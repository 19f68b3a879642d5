"""Until when each person has looked at a ticket, so that its page can mark what is new since.

It is a mark on a page and no more: what one is told of stands in the inbox. So times are enough. A comment that is
written in the same moment in which somebody looks may be dated before what they saw, and then has no mark.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import OuterRef, QuerySet

from accounts.models import User
from config import clock
from config.database.lock_wait import short_lock_wait
from tickets.comments.models import LastLook

log = logging.getLogger(__name__)

# Whoever looks at a ticket of which they have seen nothing younger than this is shown no marks, as at a first look.
LOOKS_KEPT = timedelta(days=365)


def seen_by(user: User) -> QuerySet[LastLook, datetime]:
    """For an outer query of what belongs to a ticket: the time of the newest thing that this person has seen there."""
    return LastLook.objects.filter(user=user, ticket=OuterRef("ticket")).values_list("seen_at", flat=True)


def note_look(user: User, ticket_id: uuid.UUID, seen_at: datetime) -> None:
    """This person has seen what is of this time, and all before. A look never goes back.

    Where the database cannot be written to, or only after a wait, that is logged and no more: it is no reason to keep
    somebody from reading.
    """
    look = LastLook(user=user, ticket_id=ticket_id, seen_at=seen_at)
    try:
        with short_lock_wait():
            if not LastLook.objects.filter(user=user, ticket=ticket_id, seen_at__lt=seen_at).update(seen_at=seen_at):
                LastLook.objects.bulk_create([look], ignore_conflicts=True)  # there may be a newer one
    except DatabaseError as error:
        log.warning("The look of %s at a ticket could not be noted: %s", user.pk, error)


def remove_old() -> int:
    """Forget the looks at what is older than LOOKS_KEPT; the number of rows."""
    return LastLook.objects.filter(seen_at__lt=clock.now() - LOOKS_KEPT).delete()[0]
