"""Locks across processes and machines, for decisions by a count that nobody may change meanwhile."""

from __future__ import annotations

import hashlib

from django.db import connection


def take_turns(*subjects: str) -> None:
    """Wait until no other transaction is about one of these subjects, and let none be until this one ends.

    Call inside a transaction; on SQLite that alone does it, since it holds the write lock from its beginning. The
    locks are the transaction's, so they hold behind a pooler as well.
    """
    if connection.vendor != "postgresql":
        return
    numbers = sorted(int.from_bytes(hashlib.blake2b(s.encode(), digest_size=8).digest(), signed=True) for s in subjects)
    with connection.cursor() as cursor:
        for number in numbers:  # in one order, so that nobody waits for who waits for them
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
