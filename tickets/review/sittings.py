"""How long a manager has sat in review mode, and how many drafts they are done with in that time."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, PositiveIntegerField, Q, When
from django.db.models.functions import Greatest

from accounts.models import User
from config import clock
from tickets.review import aside, leases
from tickets.review.models import Sitting

# Who does nothing there for so long begins anew.
RESTS_AT_MOST = timedelta(minutes=30)


@transaction.atomic
def sit_down(manager: User) -> Sitting:
    """The sitting that goes on, or a new one, in which nothing is skipped yet."""
    now = clock.Present()
    goes_on = Q(manager=manager, used_at__gt=clock.Present(-RESTS_AT_MOST))
    if not Sitting.objects.filter(goes_on).update(used_at=Greatest(now, "used_at")):
        Sitting.objects.filter(manager=manager).delete()
        Sitting.objects.bulk_create([Sitting(manager=manager, began_at=now, used_at=now)], ignore_conflicts=True)
        aside.forget_skips(manager)
    return Sitting.objects.get(manager=manager)


def note_done(manager: User, drafts: int = 1) -> None:
    """The manager is done with one more draft, or with -1 has taken that back."""
    done = Case(
        When(done__gte=-drafts, then=F("done") + drafts), default=F("done"), output_field=PositiveIntegerField()
    )
    Sitting.objects.filter(manager=manager).update(done=done, used_at=Greatest(clock.Present(), "used_at"))


def get_up(manager: User) -> None:
    """The sitting is over, and nothing is held any more."""
    leases.give_all_back(manager)
    Sitting.objects.filter(manager=manager).delete()
