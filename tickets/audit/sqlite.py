"""The functions by which SQLite hashes history entries; PostgreSQL has its own of the same names (migration 0020).

Every connection of the product gets them. The trigger that hashes a new entry calls them, so a program that is not the
product can read history but cannot add to it.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tickets.audit import hashing

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH = EPOCH.replace(tzinfo=None)  # Django stores times in UTC, and mostly without saying so
MICROSECOND = timedelta(microseconds=1)


def teach(connection: Any, **_: Any) -> None:
    """Give a connection the functions, if it is one to SQLite. For Django's signal of new connections."""
    if connection.vendor != "sqlite":
        return
    create = connection.connection.create_function
    create("tickets_salt", 0, new_salt)
    create("tickets_texts_hash", 5, _texts_hash, deterministic=True)
    create("tickets_entry_hash", 16, _entry_hash, deterministic=True)
    create("tickets_chained", 21, _chained)


def new_salt() -> bytes:
    return secrets.token_bytes(hashing.SALT_LENGTH)


def microseconds(text: str) -> int:
    """Microseconds since 1970 of a time as Django stores it in SQLite."""
    moment = datetime.fromisoformat(text)
    since = moment - (EPOCH if moment.tzinfo else _EPOCH)
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds  # twice as fast as `// MICROSECOND`


def canonical(changes: str) -> str:
    """The one spelling of the JSON that is stored."""
    return changes if changes == "{}" else hashing.canonical(json.loads(changes))


def _texts_hash(salt: bytes, reason: str, changes: str, title: str | None, description: str | None) -> bytes:
    return hashing.texts_hash(salt, reason, canonical(changes), title, description)


def _entry_hash(*values: Any) -> bytes | None:
    """As hashing.entry_hash, with times as they are stored."""
    ticket, entry, version, at, *words, due, suggested = values
    moment = None if due is None else microseconds(due)
    return hashing.entry_hash(*(ticket, entry, version, microseconds(at), *words, moment, suggested))


def _chained(*values: Any) -> bytes:
    """The three columns of a new entry behind one another, so that the trigger calls one function and not three.

    `values` are the entry's from ticket_id to to_severity, its salt and texts_hash where it came with them, its reason
    and changes, the hash before, and the ticket's title, description, number, due date and suggested severity.
    """
    *facts, salt, texts, reason, changes, before, title, description, number, due, suggested = values
    salt = salt or new_salt()
    texts = texts or _texts_hash(salt, reason, changes, title, description)
    return salt + texts + (_entry_hash(*facts, texts, before, number, due, suggested) or b"")
