"""Which errors of the database are its own trouble and which are our faults, and whether it can be written."""

from __future__ import annotations

import sqlite3

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from config.errors import DatabaseReadOnly, DatabaseUnavailable

# Of PostgreSQL, by the codes of its appendix A. Most of what else is trouble comes as an OperationalError.
READ_ONLY_TRANSACTION = "25006"
TAKEN_TOO_LONG = ("25P03", "25P04")  # the server's own limits for transactions

# Of SQLite, by its primary result codes.
SQLITE_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def unavailability_of(error: DatabaseError | InterfaceError) -> DatabaseUnavailable | None:
    """The error to answer with for the database's own trouble; None where the statement was wrong."""
    state, result = getattr(error.__cause__, "sqlstate", None), sqlite_result(error)
    if state == READ_ONLY_TRANSACTION or result == sqlite3.SQLITE_READONLY:
        return DatabaseReadOnly()
    if isinstance(error, OperationalError | InterfaceError) or state in TAKEN_TOO_LONG or result in SQLITE_BROKEN:
        return DatabaseUnavailable()
    return None


def sqlite_result(error: BaseException) -> int | None:
    """The primary result code of SQLite; None for an error of anything else."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


# Changes nothing, but is refused where changes are.
_NO_CHANGE = "UPDATE django_migrations SET name = name WHERE 1 = 0"


def require_writable() -> None:
    """Raises the database's own error where it answers but takes no change, such as a standby; writes nothing."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" or connection.in_atomic_block:
            cursor.execute(_NO_CHANGE)
            return
        usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            cursor.execute(_NO_CHANGE)
        except OperationalError as error:
            # Another who is writing right now is proof that one can.
            if sqlite_result(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
