"""Leaving a language model alone that keeps failing (a "circuit breaker"), so that nobody waits for it in vain.

After FAILURES_ALLOWED failures in a row nobody asks for FIRST_REST. Then one worker tries, and only if it gets an
answer do the others ask again. If it fails, nobody asks for LONGEST_REST, and so on.

The count stands in the database, because workers share no memory: each would have to fail by itself first.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, DateTimeField, F, When

from config import clock
from config.database.lock_wait import short_lock_wait
from tickets.workflow import Severity
from triage.llm.answer import Failure
from triage.models import Breaker

FAILURES_ALLOWED = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(seconds=60)


def may_ask(server: str) -> bool:
    """Whether to ask now. Of all who ask when a rest has just ended, exactly one is told yes.

    Raises OperationalError where the database is too busy to say who that is.
    """
    found = Breaker.objects.filter(server=server).values_list("open_until", clock.Present()).first()
    if found is None or found[0] is None:
        return True
    open_until, now = found
    if now < open_until <= now + LONGEST_REST:  # further off it was written by a clock that has since been set back
        return False
    # The rest is over. Whoever is first to move its end further off may try; the others no longer find the end that
    # they have read. If that worker dies, the end that it has written lets the next one try.
    with short_lock_wait():
        return (
            Breaker.objects.filter(server=server, open_until=open_until).update(open_until=clock.Present(FIRST_REST))
            == 1
        )


def record(server: str, outcome: Severity | Failure) -> None:
    """Count how a question ended, unless it was not asked at all, which says nothing about the server."""
    if outcome in (Failure.RESTING, Failure.BUSY, Failure.LIMITED):
        return
    if isinstance(outcome, Failure):
        _record_failure(server)
    elif Breaker.objects.filter(server=server, failures__gt=0).exists():
        Breaker.objects.filter(server=server).update(failures=0, open_until=None)


def _record_failure(server: str) -> None:
    # One UPDATE counts and judges, so that failures of several workers at the same moment are all counted.
    Breaker.objects.get_or_create(server=server)
    Breaker.objects.filter(server=server).update(
        failures=F("failures") + 1,
        # Conditions see the count before this failure.
        open_until=Case(
            When(failures__gte=FAILURES_ALLOWED, then=clock.Present(LONGEST_REST)),
            When(failures=FAILURES_ALLOWED - 1, then=clock.Present(FIRST_REST)),
            default=None,
            output_field=DateTimeField(),
        ),
    )
