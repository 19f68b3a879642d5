"""The backend that `config.env.database` names for SQLite.

It differs from Django's where a statement takes the lock for writing: at the beginning of a transaction, and when
something is written outside of one. Such a statement waits for its turn as config/database/sqlite3/waiting.py says.
Within a transaction the lock is there already, or the transaction only reads.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.backends.sqlite3 import base

from config.database.sqlite3.waiting import in_turn, refused_at_once

TAKING_THE_LOCK = ("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "INSERT", "UPDATE", "DELETE", "REPLACE")


class Cursor(base.SQLiteCursorWrapper):
    def execute(self, query: str, params: Any = None) -> Any:
        if self.connection.in_transaction or not query.lstrip().startswith(TAKING_THE_LOCK):
            return super().execute(query, params)
        with refused_at_once(self.connection) as limit:
            return in_turn(partial(super().execute, query, params), limit)


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        return cursor
