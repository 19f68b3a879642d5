"""SQLite has one writer: while an import applies its file others wait, and past their time-out are told so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.db import connection

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import status_of, upload

pytestmark = pytest.mark.django_db(transaction=True)

TICKET = {"title": "x", "description": "y", "dueDate": "2030-01-01T00:00:00Z", "severity": "LOW"}


@contextmanager
def somebody_writes() -> Iterator[None]:
    """Hold the write lock for as long as the block takes, as an import does, and give up what was written."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")
    else:
        other: Any = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('csvsync_import'))")
            yield
            cursor.execute("ROLLBACK")
        other.close()


@pytest.fixture
def _short_patience() -> Iterator[None]:
    """SQLite's time-out of 5 seconds, as half of one."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.cursor().execute("PRAGMA busy_timeout = 500")
    yield
    connection.close()


def attempts(manager: ApiClient, associate: ApiClient, content: bytes) -> dict[str, Any]:
    return {
        "create": associate.post("/tickets", TICKET),
        "import": upload(manager, "/csv/import", content),
        "cycle": manager.post("/automation/run-now"),
    }


@pytest.mark.usefixtures("_short_patience")
def test_others_read_meanwhile_and_past_their_time_out_get_503() -> None:
    manager, associate = ApiClient(factories.manager()), ApiClient(factories.associate())
    ticket = factories.ticket("PENDING")
    content = f"id,status\n{ticket.pk},OPEN\n".encode()
    with somebody_writes():
        assert manager.get("/tickets").json()["total"] == 1
        assert str(ticket.pk) in manager.get(f"/tickets/{ticket.pk}").content.decode()
        if connection.vendor == "postgresql":
            assert associate.post("/tickets", TICKET).status_code == 201
            return
        for response in attempts(manager, associate, content).values():
            assert_error(response, 503, "database_unavailable")
            assert int(response["Retry-After"]) > 0
    assert status_of(ticket) == "PENDING"
    assert {name: answer.status_code for name, answer in attempts(manager, associate, content).items()} == {
        "create": 201,
        "import": 201,
        "cycle": 201,
    }


def test_an_import_that_cannot_write_its_heartbeat_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import's own transaction stands in the way of the thread that would write the heartbeat."""
    monkeypatch.setattr("csvsync.runs.ledger.HEARTBEAT_SECONDS", 0.001)
    tickets = [factories.ticket("PENDING") for _ in range(5)]
    content = "id,status\n" + "".join(f"{ticket.pk},CLOSED\n" for ticket in tickets) + "x,OPEN\n" * 20_000
    response = upload(ApiClient(factories.manager()), "/csv/import", content.encode())
    assert (response.status_code, response.json()["updatedCount"]) == (201, 5)
