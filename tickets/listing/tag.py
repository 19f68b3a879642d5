"""The tag of a list (`ETag`), which changes whenever anything has happened to any ticket.

A list depends on its query, on who asks and on the tickets, and nothing happens to a ticket without an event in the
same transaction. So the number of events that are committed says whether a list can have changed, for far less than it
takes to answer; a change elsewhere changes the tag as well, which costs an answer and is never wrong.

The largest number of an event would not do: of two transactions the one with the lower number may commit last, and
what it did would be behind a tag that was given out. The count cannot miss it. Nor need it look at each: positions
have no gaps, so it is the last position and, on PostgreSQL, the events that wait for theirs
(tickets/events/numbering.py). The time of the newest event tells apart two states that have as many, of which the first
was lost, where a backup was restored. It is the same before and after that event gets its position, since positions
follow the times of those that wait: who reads the feed along makes no list another. Texts that are removed for the
law's sake (tickets/audit/erasing.py) are no event; they are few, and counted as well.

The count is read before the list. What is committed in between stands in the list under a tag that is too old already.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection
from django.http import QueryDict

from accounts.models import User
from tickets.events.numbering import number_events

# How many events may wait for their positions before a list has them numbered: as many as are quickly counted.
MOST_WAITING = 500

# In the order of their index, since the planner would look through the whole table for some that it expects to find.
_STATE = {
    "postgresql": """
        SELECT COUNT(*), (SELECT MAX(position) FROM tickets_event), COALESCE(MAX(at), (
            SELECT at FROM tickets_event WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1
        )), (SELECT COUNT(*) FROM tickets_erasure)
        FROM (
            SELECT at FROM tickets_event WHERE position IS NULL ORDER BY at, COALESCE(version, as_of), id LIMIT %s
        ) AS waiting
    """,
    "sqlite": """
        SELECT 0, (SELECT MAX(position) FROM tickets_event), (
            SELECT at FROM tickets_event ORDER BY position DESC LIMIT 1
        ), (SELECT COUNT(*) FROM tickets_erasure)
        WHERE %s > 0
    """,
}


def tag_of_list(query: QueryDict, user: User) -> str | None:
    """What `ETag` carries, quotes included; ask before the list is read. None where the list has no tag.

    That is one with `q`, since what a text is found by can change while nothing happens to its ticket (after an update,
    while search texts are being renewed), one with `waitingFor`, since a question also ends by time, and any while very
    many events wait for their positions.
    """
    if query.get("q") or query.get("waitingFor"):
        return None
    state = _state()
    if state is None:
        return None
    told = (*state, user.pk, user.role, query.urlencode())
    return f'"{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"'


def _state() -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(_STATE[connection.vendor], [MOST_WAITING])
        waiting, position, newest, erasures = cursor.fetchone()
    if waiting == MOST_WAITING:  # or more
        number_events()
        return None
    return waiting + (position or 0), newest, erasures
