"""Emptying the tables between tests on SQLite, where what is append-only refuses every DELETE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections, transaction

# Of tables that Django does not know, those that no trigger empties.
WITHOUT_A_MODEL = ["DELETE FROM tickets_event"]
REFUSING = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'"


def lift_triggers_while_flushing() -> None:
    """Lift them for this process alone, and inside one transaction, so that nobody ever sees a table without them."""
    from django.db.backends.sqlite3.operations import DatabaseOperations  # only where it is the one in use

    flush = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(operations: Any, statements: Iterable[str]) -> None:
        using = operations.connection.alias
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute(REFUSING)
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            flush(operations, [*statements, *WITHOUT_A_MODEL])
            for _name, sql in triggers:
                cursor.execute(sql)

    DatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign, assignment]  # by the tests alone
