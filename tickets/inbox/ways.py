"""By which way people are told of things of each kind, and when a mail about one is due.

What everybody gets who has not chosen stands here and nowhere else; a row is kept only of what differs from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet

from accounts.models import User
from config.zones import person_zone
from tickets.inbox.models import ChosenWay, Kind, Way

# What waits for one's own answer is mailed; the rest is there when one looks.
_MAILED = frozenset({Kind.NAMED, Kind.QUESTION, Kind.ANSWER, Kind.SENT_BACK})


def default_way(kind: Kind) -> Way:
    return Way.MAIL if kind in _MAILED else Way.INBOX


def chosen_way(kind: Kind) -> QuerySet[ChosenWay, str]:
    """For an outer query of people: the way that each has chosen for this kind, if any."""
    return ChosenWay.objects.filter(user=OuterRef("pk"), kind=kind).values_list("way", flat=True)


def ways_of(user: User) -> dict[Kind, Way]:
    chosen = {Kind(kind): Way(way) for kind, way in ChosenWay.objects.filter(user=user).values_list("kind", "way")}
    return {kind: chosen.get(kind, default_way(kind)) for kind in Kind}


@transaction.atomic
def choose_ways(user: User, ways: Mapping[Kind, Way]) -> None:
    """From now on this person is told of things of these kinds by these ways; other kinds stay as they are."""
    back = [kind for kind, way in ways.items() if way == default_way(kind)]
    ChosenWay.objects.filter(user=user, kind__in=back).delete()
    rows = [ChosenWay(user=user, kind=kind, way=way) for kind, way in sorted(ways.items()) if kind not in back]
    unique = ["user", "kind"]
    ChosenWay.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["way"])


def mail_due_at(way: Way, at: datetime, time_zone: str) -> datetime | None:
    """When something of the time `at` has to be mailed to somebody with this way and time zone.

    None where it has not to be, as everywhere on a desk without mail: nobody wants what has piled up there once it has.
    """
    if not settings.HAS_MAIL:
        return None
    if way == Way.MAIL:
        due: datetime = at + settings.MAIL_GATHER
        return due
    return next_digest(at, time_zone) if way == Way.DIGEST else None


def next_digest(at: datetime, time_zone: str) -> datetime:
    """The first moment after `at` in which clocks of this zone show MAIL_DIGEST_AT."""
    zone = person_zone(time_zone)
    today = at.astimezone(zone).date()
    days = (datetime.combine(today + timedelta(n), settings.MAIL_DIGEST_AT, zone) for n in (0, 1))
    return next(due for due in (day.astimezone(at.tzinfo) for day in days) if due > at)
