"""Emptying the tables between tests: what migrating has filled stays; SQLite must be told to empty append-only ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.management.commands import flush as command
from django.db import connections, transaction

# Of tables that Django does not know, those that no trigger empties.
WITHOUT_A_MODEL = ["DELETE FROM tickets_event"]
REFUSING = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'"

# Filled after each migration with what Django knows of the models, in twenty statements. No test writes there.
FILLED_BY_MIGRATING = {"django_content_type", "auth_permission"}


def keep_what_migrating_has_filled() -> None:
    """For `flush` in this process. Django would empty those tables as well, and fill them again after each test."""

    def statements(style: Any, connection: Any, **options: bool) -> list[str]:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        emptied: list[str] = connection.ops.sql_flush(style, sorted({*tables} - FILLED_BY_MIGRATING), **options)
        return emptied

    command.sql_flush = statements  # type: ignore[attr-defined]  # by the tests alone
    command.emit_post_migrate_signal = lambda *_arguments: None  # type: ignore[attr-defined]  # would fill them


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
