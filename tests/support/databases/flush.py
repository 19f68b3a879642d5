"""Emptying the tables between tests.

On SQLite what is append-only refuses every DELETE. And on both databases Django would have its apps find out after each
test which content types and permissions there are, which takes longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.core.management.commands import flush as command
from django.db import connections, transaction
from django.db.models import Model

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


def keep_what_migrating_makes() -> None:
    """From now on the rows that are there now come back with their ids once the tables are empty."""
    from django.contrib.auth.models import Permission  # only once Django is set up
    from django.contrib.contenttypes.models import ContentType

    kept = [_insertion(model) for model in (ContentType, Permission)]

    def put_back(verbosity: int, interactive: bool, database: str) -> None:
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            for statement, parameters in kept:
                cursor.execute(statement, parameters)

    command.emit_post_migrate_signal = put_back  # type: ignore[attr-defined]  # by the tests alone


def _insertion(model: type[Model]) -> tuple[str, list[Any]]:
    """The statement that writes all rows of a table as they are, and its parameters."""
    columns = [str(field.column) for field in model._meta.local_fields]
    rows = model._default_manager.values_list(*columns)
    values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES {values}", list(chain(*rows))
