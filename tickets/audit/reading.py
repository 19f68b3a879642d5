"""Reading the whole record for an audit: ticket by ticket in the order of numbers, each with all that belongs to it.

In parts of some hundred tickets, so that no more is held in memory and no statement takes long. Plain tuples by SQL,
since a model object for each of some million rows would take longer than all that is done with them. Ids are 32
hexadecimal digits and times whole microseconds since 1970, as the hashes have them, on both databases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from config.audit.findings import Scope
from tickets.audit import hashing
from tickets.audit.sqlite import microseconds
from tickets.models import SealedBlock

PART = 500
UNREADABLE = -1  # a time that is none

# Year and sequence of a ticket, by which tickets are in order.
type Place = tuple[int, int]


def are_sealed(scope: Scope) -> bool:
    """Whether entries are to be compared with a seal, or with what went into those that were made."""
    return not scope.ticket and bool(scope.since or scope.wants_seal or SealedBlock.objects.exists())


class TicketRow(NamedTuple):
    """A ticket, its folded text, and how that was folded."""

    id: str
    number: str
    year: int
    sequence: int
    title: str
    description: str
    due: int
    severity: str
    suggested: str | None
    status: str
    author: str
    reviewer: str | None
    created_at: int
    updated_at: int
    deleted_at: int | None
    deleted_by: str | None
    version: int
    text: str | None
    folding: int | None


class EntryRow(NamedTuple):
    """An entry of history, and the event that tells of it. `changes` is JSON in its one spelling.

    It begins with eleven facts that its hash covers, in that order; the last seven of them are what it says of a move,
    as Step has them. One slice takes a tenth of the time of as many names, and there are millions of entries.
    """

    ticket_id: str
    id: str
    version: int
    at: int
    action: str
    actor: str | None
    role: str | None
    from_status: str | None
    to_status: str
    from_severity: str | None
    to_severity: str | None
    texts_hash: bytes | None
    reason: str
    changes: str
    salt: bytes | None
    hash: bytes | None
    event_at: int | None
    position: int | None


_TICKETS = """
SELECT {id} AS id, ticket.ticket_number, ticket.year, ticket.sequence, ticket.title, ticket.description, {due_date},
    ticket.severity, ticket.ai_suggested_severity, ticket.status, {created_by_id}, {reviewed_by_id}, {created_at},
    {updated_at}, {deleted_at}, {deleted_by_id}, ticket.version, search.text, search.folding
FROM tickets_ticket AS ticket LEFT JOIN tickets_tickettext AS search ON search.ticket_id = ticket.id
WHERE {where} ORDER BY ticket.year, ticket.sequence LIMIT {part}
"""
_ENTRIES = """
SELECT {ticket_id}, {id}, entry.version, {created_at}, entry.action, {user_id}, entry.actor_role, entry.from_status,
    entry.to_status, entry.from_severity, entry.to_severity, entry.texts_hash, entry.reason,
    CAST(entry.changes AS text), entry.salt, entry.hash, {event_at}, event.position
FROM tickets_historyentry AS entry
    LEFT JOIN tickets_event AS event ON event.ticket_id = entry.ticket_id AND event.version = entry.version
WHERE entry.ticket_id {ids} ORDER BY entry.ticket_id, entry.version, event.id
"""
_PLACES = """
SELECT year, sequence FROM (
    SELECT year, sequence, ROW_NUMBER() OVER (ORDER BY year, sequence) AS place FROM tickets_ticket
) AS numbered WHERE place %% %s = 0 ORDER BY place
"""
_BY_INDEXES = "SELECT " + ", ".join(
    f"set_config('enable_{way}', %s, true)" for way in ("seqscan", "hashjoin", "mergejoin")
)


def tickets_with_entries(
    number: str | None = None, after: Place | None = None, up_to: Place | None = None
) -> Iterator[tuple[TicketRow, list[EntryRow]]]:
    """All tickets, those between two places, or the one with this number, each with its entries by version.

    Call it in a snapshot.
    """
    with _by_indexes():
        while tickets := _tickets(number, after, up_to):
            entries: dict[str, list[EntryRow]] = {ticket.id: [] for ticket in tickets}
            for entry in _entries(list(entries)):
                entries[entry.ticket_id].append(entry)
            for ticket in tickets:
                yield ticket, entries[ticket.id]
            if len(tickets) < PART:
                return
            after = (tickets[-1].year, tickets[-1].sequence)


def places(pieces: int) -> list[Place]:
    """Where to part all tickets so that the pieces are about as many as this, and about as large as one another."""
    [[tickets]] = _rows("SELECT COUNT(*) FROM tickets_ticket", [])
    return _rows(_PLACES, [max(1, -(-tickets // pieces))])


@contextmanager
def _by_indexes() -> Iterator[None]:
    """Has PostgreSQL read no whole table for each part of it, however old what the planner knows of the tables is."""
    if connection.vendor != "postgresql":
        yield
        return
    _rows(_BY_INDEXES, ["off"] * 3)
    # A plan that takes what is off counts as worth processes of its own for some hundred rows.
    _rows("SELECT set_config('max_parallel_workers_per_gather', '0', true)", [])
    yield
    _rows(_BY_INDEXES, ["on"] * 3)


def _tickets(number: str | None, after: Place | None, up_to: Place | None) -> list[TicketRow]:
    conditions: dict[str, Sequence[Any] | None] = {
        "ticket.ticket_number = %s": [number] if number else None,
        "(ticket.year, ticket.sequence) > (%s, %s)": after,
        "(ticket.year, ticket.sequence) <= (%s, %s)": up_to,
    }
    where = " AND ".join(condition for condition, values in conditions.items() if values) or "1 = 1"
    parameters = [value for values in conditions.values() for value in values or ()]
    ids = {name: _id("ticket", name) for name in ("id", "created_by_id", "reviewed_by_id", "deleted_by_id")}
    times = {name: time_of("ticket", name) for name in ("due_date", "created_at", "updated_at", "deleted_at")}
    rows = _rows(_TICKETS.format(**ids, **times, where=where, part=PART), parameters)
    if connection.vendor == "postgresql":
        return [TicketRow._make(row) for row in rows]
    return [
        TicketRow._make((*row[:6], moment(row[6]), *row[7:12], *map(moment, row[12:15]), *row[15:])) for row in rows
    ]


def _entries(ticket_ids: list[str]) -> Iterator[EntryRow]:
    ids = {name: _id("entry", name) for name in ("ticket_id", "id", "user_id")}
    times = {"created_at": time_of("entry", "created_at"), "event_at": time_of("event", "at")}
    if connection.vendor == "postgresql":
        query = _ENTRIES.format(**ids, **times, ids="= ANY(CAST(%s AS uuid[]))")
        return map(EntryRow._make, _rows(query, [ticket_ids]))
    query = _ENTRIES.format(**ids, **times, ids=f"IN ({', '.join(['%s'] * len(ticket_ids))})")
    return map(_entry, _rows(query, ticket_ids))


def _entry(row: tuple[Any, ...]) -> EntryRow:
    """The entry as SQLite has it. Its event mostly has the same time in the same spelling."""
    at = moment(row[3])
    event_at = at if row[16] == row[3] else moment(row[16])
    return EntryRow._make((*row[:3], at, *row[4:13], _one_spelling(row[13]), *row[14:16], event_at, row[17]))


def _id(table: str, column: str) -> str:
    if connection.vendor == "postgresql":
        return f"encode(uuid_send({table}.{column}), 'hex')"
    return f"{table}.{column}"


def time_of(table: str, column: str) -> str:
    if connection.vendor == "postgresql":
        return f"CAST(extract(epoch FROM {table}.{column}) * 1000000 AS bigint)"
    return f"{table}.{column} || ''"  # as a mere column Django's connection would make an object of it


@lru_cache(maxsize=8 * PART)  # a ticket's times are mostly those of its first and its last entry
def moment(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return microseconds(text)
    except (TypeError, ValueError):
        return UNREADABLE


def _one_spelling(changes: str) -> str:
    """The changes as PostgreSQL would spell them; as they are where they are no JSON, so that no hash fits them."""
    try:
        return changes if changes == "{}" else hashing.canonical(json.loads(changes))
    except (TypeError, ValueError):
        return str(changes)


def _rows(query: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
