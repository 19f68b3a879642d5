"""Reading the feed of events: those behind a cursor, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from config.errors import InvalidInput
from config.times import parse_time
from tickets.events.cursors import BEGINNING, Cursor
from tickets.events.numbering import number_events

# The page is cut before anything is joined, so that each page costs the same wherever it lies. Texts are left out.
_PAGE = """
SELECT event.position, event.mark, COALESCE(event.kind, entry.action), event.ticket_id, ticket.ticket_number,
    COALESCE(event.version, event.as_of), event.at,
    CASE WHEN event.kind IS NULL THEN entry.user_id
        WHEN event.kind = 'comment_removed' THEN comment.removed_by_id
        WHEN event.kind = 'attached' THEN attachment.uploaded_by_id
        WHEN event.kind = 'attachment_removed' THEN attachment.removed_by_id ELSE comment.author_id END,
    entry.from_status, entry.to_status, entry.from_severity, entry.to_severity, event.comment_id, event.attachment_id
FROM (SELECT * FROM tickets_event WHERE position >= %s ORDER BY position LIMIT %s) AS event {}
WHERE entry.id IS NOT NULL OR comment.id IS NOT NULL OR attachment.id IS NOT NULL
ORDER BY event.position
"""
# SQLite looks up one row after the other in any case. PostgreSQL reads all of the history at once for each page while
# it takes the table for an empty one, as in the night after a desk was filled; a LIMIT inside keeps it from that.
_FROM_POSITION = {
    "sqlite": _PAGE.format("""
        JOIN tickets_ticket AS ticket ON ticket.id = event.ticket_id
        LEFT JOIN tickets_historyentry AS entry ON entry.ticket_id = event.ticket_id AND entry.version = event.version
        LEFT JOIN tickets_comment AS comment ON comment.id = event.comment_id
        LEFT JOIN tickets_attachment AS attachment ON attachment.id = event.attachment_id
    """),
    "postgresql": _PAGE.format("""
        CROSS JOIN LATERAL (
            SELECT ticket_number FROM tickets_ticket WHERE id = event.ticket_id LIMIT 1
        ) AS ticket
        LEFT JOIN LATERAL (
            SELECT * FROM tickets_historyentry WHERE ticket_id = event.ticket_id AND version = event.version LIMIT 1
        ) AS entry ON true
        LEFT JOIN LATERAL (
            SELECT * FROM tickets_comment WHERE id = event.comment_id LIMIT 1
        ) AS comment ON true
        LEFT JOIN LATERAL (
            SELECT * FROM tickets_attachment WHERE id = event.attachment_id LIMIT 1
        ) AS attachment ON true
    """),
}


@dataclass(frozen=True, slots=True)
class Event:
    """What an entry of history says, or what was done with a comment or an attachment, in its place among all of it.

    `version` is the one that the entry made, or that the ticket had when something was done with the other two.
    """

    cursor: Cursor
    type: str
    ticket_id: UUID
    ticket_number: str
    version: int
    at: datetime
    actor_id: UUID | None
    from_status: str | None
    to_status: str | None
    from_severity: str | None
    to_severity: str | None
    comment_id: UUID | None
    attachment_id: UUID | None


def events_after(cursor: Cursor, *, limit: int) -> list[Event]:
    """The first events behind the cursor that are committed by now; less than `limit` where there are no more.

    Raises InvalidInput for a cursor of an event that is not there. Call it outside of transactions.
    """
    if cursor != BEGINNING and not _was_given_out(cursor):  # asked first, so that what is refused writes nothing
        raise InvalidInput(
            {"after": [_("There is no such event here, perhaps since data were restored. Read from the beginning.")]}
        )
    number_events()
    return _from_position(cursor.position + 1, limit)


def _was_given_out(cursor: Cursor) -> bool:
    """Only what has a position already can have been, whatever waits for one."""
    with connection.cursor() as database:
        database.execute("SELECT mark FROM tickets_event WHERE position = %s", [cursor.position])
        return bool(database.fetchone() == (cursor.mark,))


def _from_position(position: int, limit: int) -> list[Event]:
    with connection.cursor() as cursor:
        cursor.execute(_FROM_POSITION[connection.vendor], [position, limit])
        return [_event(row) for row in cursor.fetchall()]


def _event(row: tuple[Any, ...]) -> Event:
    position, mark, kind, ticket, number, version, at, actor, *moves, comment, attachment = row
    from_status, to_status, from_severity, to_severity = moves
    return Event(
        Cursor(position, mark),
        kind,
        _id(ticket),
        number,
        version,
        at if isinstance(at, datetime) else parse_time(at),
        _id(actor),
        from_status,
        to_status,
        from_severity,
        to_severity,
        _id(comment),
        _id(attachment),
    )


def _id(value: Any) -> Any:
    """SQLite has ids as 32 digits, and times as text."""
    return UUID(value) if isinstance(value, str) else value
