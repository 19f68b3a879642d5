"""What is kept beside tickets and history as a whole: counts by status, and the events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from config.audit.findings import Finding, Scope
from tickets import status_counts
from tickets.audit.histories import COMPARE, EVENTS

RECOUNT = "Triggers keep these counts: somebody has lifted them, or changed tickets_total. " + COMPARE

_COUNT = "SELECT status, COUNT(*) FROM tickets_ticket WHERE deleted_at IS NULL GROUP BY status"
_EVENTS = "SELECT COUNT(*), COUNT(version), COUNT(position), COALESCE(MAX(position), 0) FROM tickets_event"
_ORPHANS = """
SELECT event.ticket_id, event.version FROM tickets_event AS event
LEFT JOIN tickets_historyentry AS entry ON entry.ticket_id = event.ticket_id AND entry.version = event.version
WHERE entry.id IS NULL AND event.version IS NOT NULL ORDER BY event.position LIMIT 100
"""
# Of what stands on tickets, which is a comment or an attachment; `made` is the kind of event that tells that it came.
_ORPHANS_OF = """
SELECT event.ticket_id, event.kind FROM tickets_event AS event
LEFT JOIN tickets_{thing} AS thing ON thing.id = event.{thing}_id
WHERE thing.id IS NULL AND event.{thing}_id IS NOT NULL ORDER BY event.position LIMIT 100
"""
_UNTOLD = """
SELECT thing.ticket_id, CASE WHEN told.id IS NULL THEN '{made}' ELSE '{thing}_removed' END
FROM tickets_{thing} AS thing
LEFT JOIN tickets_event AS told ON told.{thing}_id = thing.id AND told.kind = '{made}'
LEFT JOIN tickets_event AS gone ON gone.{thing}_id = thing.id AND gone.kind = '{thing}_removed'
WHERE told.id IS NULL OR (thing.removed_at IS NOT NULL AND gone.id IS NULL) ORDER BY thing.created_at LIMIT 100
"""
_STRAY_ENTRIES = """
SELECT entry.ticket_id, entry.version FROM tickets_historyentry AS entry
LEFT JOIN tickets_ticket AS ticket ON ticket.id = entry.ticket_id
WHERE ticket.id IS NULL ORDER BY entry.created_at LIMIT 100
"""


def check_counts(scope: Scope) -> Iterator[Finding]:
    """The counts by status that pages show are those of the tickets."""
    if scope.ticket:
        return
    counted, kept = dict(_rows(_COUNT)), status_counts.by_status()
    for status, count in kept.items():
        if count != (there := counted.get(status, 0)):
            yield Finding(status, f"{there} tickets have it, and the count says {count}.", RECOUNT)


def check_events(scope: Scope) -> Iterator[Finding]:
    """No event, entry, comment or attachment stands alone, and positions have no gap.

    histories.py looks from each entry for its event. On SQLite positions may have gaps: what `loaddata` brings in
    disorder moves behind it.
    """
    if scope.ticket:
        return
    [(events, of_entries, placed, last)] = _rows(_EVENTS)
    [(entries,)] = _rows("SELECT COUNT(*) FROM tickets_historyentry")
    scope.looked_at["events"] = events
    if of_entries != entries:
        yield from _orphans()
    if entries != scope.looked_at.get("entries", entries):
        yield from _stray_entries()
    yield from _disagreeing("a comment", thing="comment", made="commented")
    yield from _disagreeing("an attachment", thing="attachment", made="attached")
    if connection.vendor == "postgresql" and placed != last:
        yield Finding("events", f"{last} positions were given, and {placed} are there.", EVENTS)


def _orphans() -> Iterator[Finding]:
    for ticket, version in _rows(_ORPHANS):
        yield Finding(f"ticket {UUID(str(ticket))}", f"An event tells of entry {version}, which is not there.", EVENTS)


def _disagreeing(what: str, *, thing: str, made: str) -> Iterator[Finding]:
    for ticket, kind in _rows(_ORPHANS_OF.format(thing=thing)):
        yield Finding(f"ticket {UUID(str(ticket))}", f"An event ({kind}) tells of {what} that is not there.", EVENTS)
    for ticket, kind in _rows(_UNTOLD.format(thing=thing, made=made)):
        yield Finding(f"ticket {UUID(str(ticket))}", f"No event ({kind}) tells of {what}.", EVENTS)


def _stray_entries() -> Iterator[Finding]:
    for ticket, version in _rows(_STRAY_ENTRIES):
        yield Finding(f"ticket {UUID(str(ticket))}", f"Entry {version} is there, and the ticket is not.", COMPARE)


def _rows(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
