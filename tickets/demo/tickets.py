"""The tickets of the demo desk: each gets a place in the plan and a story, and all go through the door for a past."""

from __future__ import annotations

from random import Random

from accounts.models import User
from config import clock
from config.database import statistics
from tickets.backfill.writing import backfill_tickets
from tickets.demo.people import People
from tickets.demo.planning import plan_tickets
from tickets.demo.stories import Story


def create_tickets(people: People, count: int, *, seed: int = 2026) -> int:
    """`count` tickets with their history, in a database without any; how many. Call inside a transaction."""
    dice = Random(seed)  # noqa: S311  # nosec B311 # no secret
    now = clock.now()
    stories = (
        Story(dice, people, problem, created_at, now).played_to(status)
        for created_at, status, problem in plan_tickets(dice, count, now)
    )
    written = backfill_tickets(stories)
    statistics.analyze(User)
    return written
