"""Counting what a person does in a minute, once for all processes and machines.

The counts stand in the database. The product has no cache that its processes share (Django's default one is in the
memory of each), so a limit that was kept there would be as many times as high as there are processes, and would begin
anew with each of them.

A count is one statement, an INSERT that turns into an UPDATE, so that two at once are both counted without a lock that
outlives it. There is one row for each person and thing, whatever comes: nothing here has to be trimmed. On PostgreSQL
the table is unlogged, since nobody would miss a count after a crash, and a commit that has written nothing else need
not wait for the disk.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from accounts.models import RateCounter, User
from config.database.lock_wait import short_lock_wait

WINDOW_SECONDS = 60

# Windows begin with the first request, so that not everybody's end at once. Of two statements at once the one that read
# the clock later may write first. The other then finds a start that lies ahead of its own time. It belongs to that
# window all the same, hence ABS.
_COUNT = """
INSERT INTO accounts_ratecounter AS counter (person_id, what, began_at, count)
VALUES (%(person)s, %(what)s, {now}, 1)
ON CONFLICT (person_id, what) DO UPDATE SET
    count = CASE WHEN ABS(excluded.began_at - counter.began_at) < {window} THEN counter.count + 1 ELSE 1 END,
    began_at = CASE WHEN ABS(excluded.began_at - counter.began_at) < {window}
        THEN counter.began_at ELSE excluded.began_at END
RETURNING count, began_at, {now}
"""
_NOW = {"postgresql": "CAST(EXTRACT(EPOCH FROM statement_timestamp()) AS bigint)", "sqlite": "%(now)s"}


@dataclass(frozen=True, slots=True)
class Taken:
    """How many it were in the present window, this one included, and in how many seconds the next one begins."""

    count: int
    seconds_left: int


def take(person: User, what: RateCounter.What, *, wait_ms: int) -> Taken:
    """Count one more. Raises DatabaseError where the database cannot be written within about that time."""
    sql = _COUNT.format(now=_NOW[connection.vendor], window=WINDOW_SECONDS)
    key = RateCounter._meta.get_field("person").target_field.get_db_prep_value(person.pk, connection)
    parameters: dict[str, Any] = {"person": key, "what": what.value, "now": int(time.time())}
    with _waiting_at_most(wait_ms), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        count, began_at, now = cursor.fetchone()
    return Taken(count, max(1, began_at + WINDOW_SECONDS - now))


def give_back(person: User, what: RateCounter.What) -> None:
    """Take back one that was counted and then not done."""
    RateCounter.objects.filter(person=person, what=what, count__gt=0).update(count=F("count") - 1)


@contextmanager
def _waiting_at_most(milliseconds: int) -> Iterator[None]:
    """On SQLite another writer may hold the lock for as long as an import takes.

    On PostgreSQL only the row is locked, and never for longer than one such statement takes. Setting a limit for the
    wait would take a statement of its own, which costs more than the count.
    """
    if connection.vendor == "postgresql":
        if connection.in_atomic_block:
            with transaction.atomic():
                yield
        else:
            yield
    else:
        with short_lock_wait(milliseconds):
            yield
