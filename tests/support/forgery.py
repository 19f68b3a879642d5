"""What somebody with the rights of the tables' owner can do to the record, by plain SQL, and how to cover it up.

The hashes are computed here from what docs/audit.md says of them, and by nothing of the product.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from tickets.models import HistoryEntry, Ticket, TicketText
from tickets.search.refolding import document_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TABLES = ("tickets_historyentry", "tickets_event")


def sql(statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def triggers_lifted() -> Iterator[None]:
    """The triggers of history and events do not act inside; afterwards they are there again as before."""
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    lifted = sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)", TABLES)
    for name, _text in lifted:
        sql(f"DROP TRIGGER {name}")
    yield
    for _name, text in lifted:
        sql(text)


def moment(at: datetime) -> str:
    """A time as it stands in SQL and in the column of events."""
    return str(connection.ops.adapt_datetimefield_value(at))


def renumber_events() -> None:
    """Close gaps and put all events in order of time, as if each had been told as it happened."""
    ids = [id for [id] in sql("SELECT id FROM tickets_event ORDER BY at, version, id")]
    for base in (10**6, 0):  # positions are unique at each step
        for place, id in enumerate(ids, base + 1):
            sql("UPDATE tickets_event SET position = %s, mark = COALESCE(mark, 7) WHERE id = %s", [place, id])


def refold() -> None:
    for ticket in Ticket.objects.all():
        TicketText.objects.filter(ticket=ticket).update(text=document_of(ticket))


def compute_all_hashes_anew() -> None:
    for ticket in Ticket.objects.all():
        before = None
        for entry in HistoryEntry.objects.filter(ticket=ticket).order_by("version"):
            salt = bytes(entry.salt or b"a salt of 16 byt")
            texts, hash_ = hashes_of(ticket, entry, salt, before)
            before = hash_
            key = entry.pk if connection.vendor == "postgresql" else entry.pk.hex
            sql(
                "UPDATE tickets_historyentry SET salt = %s, texts_hash = %s, hash = %s WHERE id = %s",
                [salt, texts, hash_, key],
            )


def hashes_of(ticket: Ticket, entry: HistoryEntry, salt: bytes, before: bytes | None) -> tuple[bytes, bytes]:
    """The hash of an entry's texts and its own, as docs/audit.md has them."""
    is_first = entry.version == 1
    first = ticket.texts_at(1) if is_first else {"title": None, "description": None}
    changes = json.dumps({key: entry.changes[key] for key in sorted(entry.changes, key=len)}, ensure_ascii=False)
    texts = [entry.reason, changes, first["title"], first["description"]]
    measured = "".join("-" if text is None else f"{len(text.encode())}:{text}" for text in texts)
    texts_hash = hashlib.sha256(salt + measured.encode()).digest()
    lines = [
        "history-1",
        ticket.pk.hex,
        entry.pk.hex,
        entry.version,
        microseconds(entry.created_at),
        entry.action,
        entry.user_id and entry.user_id.hex,
        entry.actor_role,
        entry.from_status,
        entry.to_status,
        entry.from_severity,
        entry.to_severity,
        texts_hash.hex(),
        before and before.hex(),
        ticket.ticket_number if is_first else None,
        microseconds(ticket.due_date) if is_first else None,
        ticket.ai_suggested_severity if is_first else None,
    ]
    text = "\n".join("-" if line is None else str(line) for line in lines)
    return texts_hash, hashlib.sha256(text.encode()).digest()


def assert_chained(count: int) -> None:
    """That there are so many entries, each with the hashes that it is to have."""
    seen = 0
    for ticket in Ticket.objects.all():
        before = None
        for entry in ticket.history.order_by("version"):
            assert len(bytes(entry.salt or b"")) == 16
            assert (bytes(entry.texts_hash or b""), bytes(entry.hash or b"")) == hashes_of(
                ticket, entry, bytes(entry.salt or b""), before
            ), (ticket, entry.version)
            before, seen = bytes(entry.hash or b""), seen + 1
    assert (seen, HistoryEntry.objects.count()) == (count, count)


def microseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)
