"""Emptying the tables between tests: Django's way takes a fifth of a second, which is more than most tests.

Its apps would find out anew each time which content types and permissions there are, and on PostgreSQL TRUNCATE makes
all files of all tables and indexes anew. On SQLite what is append-only refuses every DELETE.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.core.management.commands import flush as command
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

# Of tables that Django does not know, those that no trigger of SQLite empties.
WITHOUT_A_MODEL = ["DELETE FROM tickets_event"]
REFUSING = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'"
# PostgreSQL's tables but for those that no test fills. What was deleted keeps its room, and what was told to ANALYZE
# stays with the table; where there is much of the one or any of the other, TRUNCATE begins anew.
TABLES = """
SELECT relname, pg_relation_size(oid) > 200000 OR reltuples >= 0 FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
"""
IS_SUPERUSER = "SELECT current_setting('is_superuser') = 'on'"
WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"  # and without a look at foreign keys


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


def delete_while_flushing() -> None:
    """On PostgreSQL, delete what little there is."""
    from django.db.backends.postgresql.operations import DatabaseOperations  # only where it is the one in use

    truncate = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(operations: Any, statements: Iterable[str]) -> None:
        using = operations.connection.alias
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            if not _delete_what_little_there_is(cursor):
                truncate(operations, list(statements))

    DatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign, assignment]  # by the tests alone


def _delete_what_little_there_is(cursor: CursorWrapper) -> bool:
    """False where it is much, or not allowed."""
    cursor.execute(IS_SUPERUSER)
    if cursor.fetchone() != (True,):
        return False
    cursor.execute(TABLES)
    tables = cursor.fetchall()
    if any(has_grown for _name, has_grown in tables):
        return False
    cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name, _grown in tables))
    cursor.execute("; ".join([WITHOUT_TRIGGERS, *(f"DELETE FROM {name}" for [name] in cursor.fetchall())]))
    return True


def keep_what_migrating_makes() -> None:
    """From now on the rows that are there now come back with their ids once the tables are empty."""
    from django.contrib.auth.models import Permission  # only once Django is set up
    from django.contrib.contenttypes.models import ContentType

    kept = [_insertion(model) for model in (ContentType, Permission)]

    def put_back(verbosity: int, interactive: bool, database: str) -> None:
        if ContentType.objects.using(database).exists():
            return
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
