"""Giving events their positions, on PostgreSQL.

Neither times nor numbers of a sequence can be the order of a feed: they are taken when something is written, and it is
seen when it is committed. Who has read up to the number 8 misses the 7 of a transaction that took longer. So writers
take no number at all. Whoever is about to read numbers first what is committed and has none, one reader at a time; what
is not committed yet comes later and gets a later position. A position is therefore never given in front of another that
somebody has seen, however late a transaction commits, and no writer ever waits for a reader or for another writer.

With its position an event gets a mark, a random number by which tickets/events/cursors.py tells a position that was
given twice: the first time by a state of the database that is not there any more.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from config.database.turns import take_turns

# How many events one reader numbers, so that its request is bounded while a million of them wait. It is more than a
# page may hold, so a page that is not full is the end of what there was to be read.
MOST_AT_ONCE = 10_000

# On a standby nothing can be numbered; its readers are told what is. A rolled back or halted numbering leaves nothing.
# Asked for the oldest, since the planner would look through the table for any, which it expects to find soon.
_IS_NEEDED = """
SELECT current_setting('transaction_read_only') = 'off' AND EXISTS (
    SELECT 1 FROM (
        SELECT id FROM tickets_event WHERE position IS NULL ORDER BY at, COALESCE(version, as_of), id LIMIT 1
    ) AS oldest
)
"""
# For the transaction. How many events wait changes within seconds from none to a hundred thousand and back, so what the
# planner knows of it is never true; with what it takes for many it would read a million events to number three.
_BY_INDEXES = "SELECT " + ", ".join(
    f"set_config('enable_{way}', 'off', true)" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort")
)
# By time, as near to the order in which things happened as what has been told allows. A ticket's times never fall from
# version to version, and a version is only written once the one before it is committed, so its versions rise. What is
# told of a comment comes behind the version (`as_of`) that the ticket had then.
_WAITING = """
SELECT id, (SELECT COALESCE(MAX(position), 0) FROM tickets_event) FROM tickets_event
WHERE position IS NULL ORDER BY at, COALESCE(version, as_of), id LIMIT %s
"""
# The positions stand beside the ids, which rise, so that each is found by halving. A join could begin on either side,
# and a planner that takes the table for empty has gone through all that wait for each event.
_NUMBER = """
UPDATE tickets_event SET
    position = (%(positions)s::bigint[])[width_bucket(id, %(ids)s::bigint[])],
    mark = CAST(random() * 9007199254740991 AS bigint)
WHERE id = ANY(%(ids)s::bigint[])
"""


def number_events() -> bool:
    """Give the oldest of the committed events that have no position the next ones; nothing to do on SQLite.

    Whether any had none, so that more may be left. Call it outside of transactions: what it has numbered is committed
    before anybody reads it.
    """
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(_IS_NEEDED)
        if cursor.fetchone() != (True,):
            return False
        with transaction.atomic():
            take_turns("the positions of events")
            cursor.execute(_BY_INDEXES)
            # A statement of its own sees what was committed before it began, and so all that others have numbered.
            cursor.execute(_WAITING, [MOST_AT_ONCE])
            _number(cursor, cursor.fetchall())
    return True


def _number(cursor: CursorWrapper, waiting: list[tuple[int, int]]) -> None:
    """Give those that wait the next positions, for which each names the last one that is taken."""
    places = sorted((event, last + place) for place, (event, last) in enumerate(waiting, 1))
    cursor.execute(
        _NUMBER, {"ids": [event for event, _position in places], "positions": [position for _event, position in places]}
    )
