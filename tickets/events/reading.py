"""Reading the feed of events: those behind a cursor, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from config.errors import InvalidInput
from tickets.events.cursors import BEGINNING, Cursor
from tickets.events.numbering import number_events
from tickets.models import HistoryEntry

# The page is cut before anything is joined, so that each page costs the same wherever it lies. Texts are left out.
_PAGE = """
SELECT event.position, event.mark, ticket.ticket_number, entry.id, entry.ticket_id, entry.version, entry.created_at,
    entry.user_id, entry.action, entry.from_status, entry.to_status, entry.from_severity, entry.to_severity
FROM (
    SELECT position, mark, ticket_id, version FROM tickets_event WHERE position >= %s ORDER BY position LIMIT %s
) AS event {}
ORDER BY event.position
"""
# SQLite looks up one row after the other in any case. PostgreSQL reads all of the history at once for each page while
# it takes the table for an empty one, as in the night after a desk was filled; a LIMIT inside keeps it from that.
_FROM_POSITION = {
    "sqlite": _PAGE.format("""
        JOIN tickets_historyentry AS entry ON entry.ticket_id = event.ticket_id AND entry.version = event.version
        JOIN tickets_ticket AS ticket ON ticket.id = event.ticket_id
    """),
    "postgresql": _PAGE.format("""
        CROSS JOIN LATERAL (
            SELECT * FROM tickets_historyentry WHERE ticket_id = event.ticket_id AND version = event.version LIMIT 1
        ) AS entry
        CROSS JOIN LATERAL (
            SELECT ticket_number FROM tickets_ticket WHERE id = event.ticket_id LIMIT 1
        ) AS ticket
    """),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A history entry, in its place among those of all tickets."""

    cursor: Cursor
    ticket_number: str
    entry: HistoryEntry


def events_after(cursor: Cursor, *, limit: int) -> list[Event]:
    """The first events behind the cursor that are committed by now; less than `limit` where there are no more.

    Raises InvalidInput for a cursor of an event that is not there. Call it outside of transactions.
    """
    number_events()
    if cursor == BEGINNING:
        return _from_position(1, limit)
    found = _from_position(cursor.position, limit + 1)
    if not found or found[0].cursor != cursor:
        raise InvalidInput(
            {"after": [_("There is no such event here, perhaps since data were restored. Read from the beginning.")]}
        )
    return found[1:]


def _from_position(position: int, limit: int) -> list[Event]:
    return [
        Event(
            Cursor(entry.position, entry.mark),  # type: ignore[attr-defined]  # these are columns of the query
            entry.ticket_number,  # type: ignore[attr-defined]  # likewise
            entry,
        )
        for entry in HistoryEntry.objects.raw(_FROM_POSITION[connection.vendor], [position, limit])
    ]
