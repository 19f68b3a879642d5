"""Which tickets the demo desk has: when each was written, how far it has come, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from tickets.demo.problems import PROBLEMS, Problem
from tickets.workflow import Status

MONTHS_BACK = timedelta(days=190)

# How many of a hundred tickets stand at each status now, by how old they are at most, as a share of MONTHS_BACK.
STATUS_SHARES: tuple[tuple[float, dict[Status, int]], ...] = (
    (0.012, {Status.DRAFT: 72, Status.REVIEW: 8, Status.PENDING: 20}),
    (0.15, {Status.DRAFT: 7, Status.REVIEW: 9, Status.PENDING: 62, Status.OPEN: 12, Status.CLOSED: 10}),
    (0.4, {Status.REVIEW: 2, Status.PENDING: 55, Status.OPEN: 13, Status.CLOSED: 30}),
    (1, {Status.PENDING: 27, Status.OPEN: 5, Status.CLOSED: 68}),
)
# The desk gets more to do: how much tickets crowd towards the present; 1 would spread them evenly.
GROWTH = 1.7


def plan_tickets(dice: Random, count: int, now: datetime) -> Iterator[tuple[datetime, Status, Problem]]:
    """When each ticket is written, how far it has come, and what it is about; oldest first."""
    ages = [((number + dice.random()) / count) ** GROWTH for number in reversed(range(count))]
    times = sorted(_working_time(dice, now, age) for age in ages)
    problems: list[Problem] = []
    while len(problems) < count:
        problems += dice.sample(PROBLEMS, len(PROBLEMS))
    return zip(times, _statuses(dice, ages), problems, strict=False)


def _statuses(dice: Random, ages: list[float]) -> Iterator[Status]:
    """A status for each age, in shares that are kept to the ticket and not left to chance."""
    oldest_first = sorted(ages, reverse=True)
    for limit, shares in reversed(STATUS_SHARES):
        younger = max((lower for lower, _shares in STATUS_SHARES if lower < limit), default=0.0)
        size = sum(younger < age <= limit for age in oldest_first)
        deck = [status for status, share in shares.items() for _ in range(round(size * share / 100 + 0.5))]
        dice.shuffle(deck)
        yield from deck[:size]


def _working_time(dice: Random, now: datetime, age: float) -> datetime:
    moment = now - MONTHS_BACK * age - timedelta(minutes=5)
    if moment.weekday() >= 5 and dice.random() < 0.8:
        moment -= timedelta(days=2)
    hour = min(23, max(0, round(dice.gauss(13, 3.2))))
    return min(moment.replace(hour=hour, microsecond=dice.randrange(1000) * 1000), now - timedelta(minutes=5))
