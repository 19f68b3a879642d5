"""A database in trouble: what is answered while it is, and after it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.db.utils import DatabaseErrorWrapper

from config.exception_handler import as_domain_error
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.patience import PATIENCE
from tests.support.programs import python
from tests.support.server import ROOT, free_port, server_environment

NEW = {"title": "x", "description": "y", "dueDate": "2030-12-24", "severity": "LOW"}

# By the name of psycopg's error: those that tell of the database's trouble, and of ours. From PostgreSQL's appendix A.
PSYCOPG: list[tuple[str, str | None]] = [
    ("ReadOnlySqlTransaction", "database_read_only"),
    ("AdminShutdown", "database_unavailable"),
    ("CrashShutdown", "database_unavailable"),
    ("CannotConnectNow", "database_unavailable"),
    ("TooManyConnections", "database_unavailable"),
    ("DiskFull", "database_unavailable"),
    ("OutOfMemory", "database_unavailable"),
    ("QueryCanceled", "database_unavailable"),
    ("LockNotAvailable", "database_unavailable"),
    ("SerializationFailure", "database_unavailable"),
    ("DeadlockDetected", "database_unavailable"),
    ("ConnectionFailure", "database_unavailable"),
    ("IoError", "database_unavailable"),
    ("IdleInTransactionSessionTimeout", "database_unavailable"),
    ("TransactionTimeout", "database_unavailable"),
    ("UndefinedTable", None),
    ("InFailedSqlTransaction", None),
    ("UniqueViolation", None),
]
SQLITE: list[tuple[int, type[sqlite3.Error], str | None]] = [
    (sqlite3.SQLITE_READONLY, sqlite3.OperationalError, "database_read_only"),
    (sqlite3.SQLITE_READONLY_DIRECTORY, sqlite3.OperationalError, "database_read_only"),
    (sqlite3.SQLITE_BUSY, sqlite3.OperationalError, "database_unavailable"),
    (sqlite3.SQLITE_FULL, sqlite3.OperationalError, "database_unavailable"),
    (sqlite3.SQLITE_IOERR, sqlite3.OperationalError, "database_unavailable"),
    (sqlite3.SQLITE_CORRUPT, sqlite3.DatabaseError, "database_unavailable"),
    (sqlite3.SQLITE_NOTADB, sqlite3.DatabaseError, "database_unavailable"),
    (sqlite3.SQLITE_CONSTRAINT, sqlite3.IntegrityError, None),
]


def as_django_raises(error: Exception, module: Any) -> DatabaseError:
    class Wrapper:
        Database = module
        errors_occurred = False

    with pytest.raises(DatabaseError) as raised, DatabaseErrorWrapper(Wrapper()):
        raise error
    return raised.value


def code_of(error: DatabaseError) -> str | None:
    known = as_domain_error(error)
    return known.code if known else None


@pytest.mark.parametrize(("name", "code"), PSYCOPG)
def test_trouble_of_postgresql_is_told_as_such(name: str, code: str | None) -> None:
    assert code_of(as_django_raises(getattr(psycopg.errors, name)("on purpose"), psycopg)) == code


@pytest.mark.parametrize(("result", "kind", "code"), SQLITE)
def test_trouble_of_sqlite_is_told_as_such(result: int, kind: type[sqlite3.Error], code: str | None) -> None:
    error = kind("on purpose")
    error.sqlite_errorcode = result
    assert code_of(as_django_raises(error, sqlite3)) == code


# --- Only to be read -------------------------------------------------------------------------------------------------


@pytest.fixture
def read_only(transactional_db: None) -> Any:
    """The connection refuses what a standby refuses, in its words."""
    on_postgresql = connection.vendor == "postgresql"
    yes, no = (f"SET default_transaction_read_only = {word}" for word in ("on", "off"))
    if not on_postgresql:
        yes, no = (f"PRAGMA query_only = {word}" for word in ("on", "off"))

    def switch(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield lambda: switch(yes)
    switch(no)


WRITES: dict[str, Callable[[ApiClient, str], Any]] = {
    "create": lambda api, path: api.post("/tickets", NEW),
    "review": lambda api, path: api.patch(f"{path}/review", {"action": "APPROVE"}),
    "delete": lambda api, path: api.delete(path),
    "import": lambda api, path: api.post("/automation/run-now"),
}


@pytest.mark.parametrize("name", WRITES)
def test_every_write_on_a_standby_is_503_and_reading_goes_on(name: str, read_only: Any) -> None:
    ticket, api = factories.ticket(), ApiClient(factories.manager())
    path = f"/tickets/{ticket.pk}"
    read_only()
    answer = WRITES[name](api, path)
    assert_error(answer, 503, "database_read_only")
    assert answer["Retry-After"] == "5"
    assert api.get(path).status_code == 200
    assert api.get("/tickets?q=e").status_code == 200
    page = api.client.get("/desk/login/")
    assert page.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_ready_says_that_a_standby_only_reads(read_only: Any) -> None:
    assert ApiClient().get("/readyz").status_code == 200
    read_only()
    assert_error(ApiClient().get("/readyz"), 503, "database_read_only")
    assert ApiClient().get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_ready_says_that_a_file_of_sqlite_can_only_be_read() -> None:
    if connection.vendor != "sqlite":
        return  # the one above
    show = f"""
import json, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = "file:{connection.settings_dict["NAME"]}?mode=ro"
settings.DATABASES["default"]["OPTIONS"]["uri"] = True
django.setup()
from django.test import Client
answer = Client(headers={{"host": "localhost"}}).get("/readyz")
print(json.dumps([answer.status_code, answer.json().get("code")]))
"""
    ended = python("-c", show, DATABASE_URL="sqlite:///unused.sqlite3", DJANGO_SETTINGS_MODULE="config.settings")
    assert json.loads(ended.stdout or "[]") == [503, "database_read_only"], ended.stderr


# --- SQLite, because nobody has said otherwise -----------------------------------------------------------------------


@pytest.mark.django_db
def test_ready_says_where_the_data_are_if_nobody_has_said_where(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "note" not in ApiClient().get("/readyz").json()
    monkeypatch.delenv("DATABASE_URL")
    assert "DATABASE_URL is not set" in ApiClient().get("/readyz").json()["note"]


def test_a_server_without_database_url_says_where_its_data_are() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env=server_environment("", PORT=str(free_port())),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        said = process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert said.startswith("DATABASE_URL is not set")
    assert str(ROOT / "db.sqlite3") in said
    assert "postgresql://" in said
