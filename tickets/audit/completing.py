"""Giving hashes to entries without one: those from before there were hashes, and those that came in disorder.

The trigger that hashes new entries leaves one without where it cannot know all that the hash covers: where the entry
before it is not there or has none itself, or where a ticket comes with a version above 1 and its first texts follow
from edits that are not there yet. `loaddata` of an older dump writes such entries, and so does a copy by SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from config.database.turns import take_turns

BATCH = 5000

# The tickets that come next, by their ids.
_NEXT = """
SELECT DISTINCT ticket_id FROM tickets_historyentry WHERE hash IS NULL {after} ORDER BY ticket_id LIMIT {batch}
"""
# The text as the ticket had it first: the old one of the first edit that has changed it, if any has.
_AT_FIRST = """COALESCE((
    SELECT edit.changes -> '{name}' ->> 0 FROM tickets_historyentry AS edit
    WHERE edit.ticket_id = entry.ticket_id AND edit.changes ->> '{name}' IS NOT NULL ORDER BY edit.version LIMIT 1
), entry.{name})"""
# For the transaction: it reads no whole table for each batch.
PLANNED = "SELECT set_config('enable_seqscan', 'off', true)"
_OWN_HASH = """tickets_entry_hash(
    ready.ticket_id, ready.id, ready.version, ready.created_at, ready.action, ready.user_id, ready.actor_role,
    ready.from_status, ready.to_status, ready.from_severity, ready.to_severity, ready.texts_hash, {before},
    ready.number, ready.due, ready.suggested
)"""
# Each salt is random and is used twice below; MATERIALIZED has it drawn only once. From the first entry of a ticket
# that has no hash the chain goes on as long as there is another one. It carries along what is to be written: were that
# joined afterwards, a planner that expects hardly any row would go through the batch for each of its entries. The same
# statement for both databases.
COMPLETE = f"""
WITH RECURSIVE salted AS MATERIALIZED (
    SELECT entry.*, ticket.title, ticket.description, ticket.ticket_number AS number, ticket.due_date AS due,
        ticket.ai_suggested_severity AS suggested, COALESCE(entry.salt, tickets_salt()) AS own_salt
    FROM tickets_historyentry AS entry JOIN tickets_ticket AS ticket ON ticket.id = entry.ticket_id
    WHERE entry.ticket_id >= %s AND entry.ticket_id <= %s AND entry.hash IS NULL
), ready AS MATERIALIZED (
    SELECT entry.id, entry.ticket_id, entry.version, entry.created_at, entry.action, entry.user_id, entry.actor_role,
        entry.from_status, entry.to_status, entry.from_severity, entry.to_severity, entry.own_salt AS salt,
        COALESCE(entry.texts_hash, tickets_texts_hash(
            entry.own_salt, entry.reason, entry.changes,
            CASE WHEN entry.version = 1 THEN {_AT_FIRST.format(name="title")} END,
            CASE WHEN entry.version = 1 THEN {_AT_FIRST.format(name="description")} END
        )) AS texts_hash,
        CASE WHEN entry.version = 1 THEN entry.number END AS number,
        CASE WHEN entry.version = 1 THEN entry.due END AS due,
        CASE WHEN entry.version = 1 THEN entry.suggested END AS suggested
    FROM salted AS entry
), chain AS (
    SELECT ready.id, ready.ticket_id, ready.version, ready.salt, ready.texts_hash,
        {_OWN_HASH.format(before="before.hash")} AS hash
    FROM ready LEFT JOIN tickets_historyentry AS before
        ON before.ticket_id = ready.ticket_id AND before.version = ready.version - 1
    WHERE ready.version = 1 OR before.hash IS NOT NULL
    UNION ALL
    SELECT ready.id, ready.ticket_id, ready.version, ready.salt, ready.texts_hash,
        {_OWN_HASH.format(before="chain.hash")}
    FROM chain JOIN ready ON ready.ticket_id = chain.ticket_id AND ready.version = chain.version + 1
)
UPDATE tickets_historyentry SET salt = chain.salt, texts_hash = chain.texts_hash, hash = chain.hash
FROM chain WHERE tickets_historyentry.id = chain.id
"""  # noqa: S608  # nosec B608 - put together of the parts above, nothing of which comes from outside


def complete() -> Iterator[int]:
    """Hash what has no hash and can have one; of each batch of tickets how many entries there were.

    Each batch is a transaction of its own, and an entry is hashed once and for all, so this may be broken off, begun
    anew, run twice at once, and run while the desk serves. It goes through the tickets until nothing is left that it
    can do, since whoever wrote meanwhile may have added to one whose turn was over.
    """
    while True:
        done = 0
        for hashed in _each_batch():
            done += hashed
            yield hashed
        if not done:
            return


def _each_batch() -> Iterator[int]:
    after: str | None = None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # Each draws salts of its own: of two at once the second would chain entries to hashes that are none.
            take_turns("hashes of history")
            where = "" if after is None else "AND ticket_id > %s"
            cursor.execute(_NEXT.format(after=where, batch=BATCH), [] if after is None else [after])
            ids = [id for [id] in cursor.fetchall()]
            if not ids:
                return
            if connection.vendor == "postgresql":
                cursor.execute(PLANNED)
            cursor.execute(COMPLETE, [ids[0], ids[-1]])
            done = _changed(cursor)
        after = ids[-1]
        yield done


def is_complete() -> bool:
    """Whether every entry has its hash."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM tickets_historyentry WHERE hash IS NULL)")
        return not cursor.fetchone()[0]


def _changed(cursor: Any) -> int:
    """How many rows the statement has changed; of one that begins with WITH sqlite3 does not say so by itself."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT changes()")
        return int(cursor.fetchone()[0])
    return int(cursor.rowcount)
