"""The hashes of history entries: what they cover, and how it is written down to be hashed.

Each entry carries three things that nobody types. `salt` is 16 random bytes. `texts_hash` is SHA-256 over the salt and
the free texts of the entry: its reason, its changes and, of the entry that created the ticket, title and description as
they were then. `hash` is SHA-256 over all the rest of the entry, its `texts_hash`, and the `hash` of the ticket's entry
before it. So who changes an entry changes its hash, and that of every later entry of the ticket. Chains are the
tickets' own: one chain through all entries would make every writer wait for all others.

The texts are left to a hash of their own so that they can be removed where the law asks for it
(tickets/audit/erasing.py): the salt goes with them, without which nobody can find out the text by trying, and `hash`
still holds.

The database computes the hashes itself as an entry is written (migration 0020). On PostgreSQL by functions in SQL; on
SQLite, which knows no SHA-256, by those here (tickets/audit/sqlite.py). An audit uses those here on both, since whoever
may change entries may change the database's functions as well.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

# The version of the form in which an entry is written down. It is hashed as well, so a later form can be told from
# this.
FORMAT = "history-1"
SALT_LENGTH = 16
LINES = 17


def texts_hash(salt: bytes, reason: str, changes: str, title: str | None, description: str | None) -> bytes:
    """The salted hash of an entry's free texts. `changes` is as `canonical` has it.

    Before each text stands its length in bytes, so that no other texts can look the same when they are put together.
    """
    measured = f"{_measured(reason)}{_measured(changes)}{_measured(title)}{_measured(description)}"
    return sha256(salt + _utf8(measured)).digest()


def entry_hash(
    ticket_id: str,
    entry_id: str,
    version: int,
    at: int,
    action: str,
    actor: str | None,
    role: str | None,
    from_status: str | None,
    to_status: str,
    from_severity: str | None,
    to_severity: str | None,
    texts: bytes,
    before: bytes | None,
    number: str | None = None,
    due: int | None = None,
    suggested: str | None = None,
) -> bytes | None:
    """The hash of an entry; None for one with a line break where none can be.

    Ids are 32 lower-case hexadecimal digits, times whole microseconds since 1970. `before` is the hash of the entry
    before, None for the first; `number`, `due` and `suggested` are the ticket's own, which never change, and are given
    for the first entry alone. Each stands in a line of its own. No other text can come out the same, since none of the
    values can hold a line break.
    """
    # An audit of a million tickets would call a function for each that may be missing some twenty million times.
    text = (
        f"{FORMAT}\n{ticket_id}\n{entry_id}\n{version}\n{at}\n{action}\n"
        f"{'-' if actor is None else actor}\n{'-' if role is None else role}\n"
        f"{'-' if from_status is None else from_status}\n{to_status}\n"
        f"{'-' if from_severity is None else from_severity}\n{'-' if to_severity is None else to_severity}\n"
        f"{texts.hex()}\n{'-' if before is None else before.hex()}\n"
        f"{'-' if number is None else number}\n{'-' if due is None else due}\n"
        f"{'-' if suggested is None else suggested}"
    )
    return sha256(_utf8(text)).digest() if text.count("\n") == LINES - 1 else None


def canonical(value: Any) -> str:
    """JSON in the one spelling that PostgreSQL gives it: shorter keys first, a space behind each comma and colon."""
    return json.dumps(_in_order(value), ensure_ascii=False)


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(_utf8(key)), _utf8(key)))
        return {key: _in_order(value[key]) for key in keys}
    return value


def _measured(text: str | None) -> str:
    if text is None:
        return "-"
    return f"{len(text) if text.isascii() else len(_utf8(text))}:{text}"


def _utf8(text: str) -> bytes:
    """Also of half a pair of surrogates, which only somebody else can have written."""
    return text.encode("utf-8", "surrogatepass")
