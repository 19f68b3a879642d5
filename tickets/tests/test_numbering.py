"""Numbers are unique, without gaps, and rise in creation order, whatever fails and whoever else creates."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.patience import PATIENCE
from tests.support.server import server_environment
from tickets import actions
from tickets.models import Ticket, TicketSequence

NEW = {"title": "Screen flickers", "description": "Badly.", "dueDate": "2030-01-01T00:00:00Z", "severity": "LOW"}
PROCESSES = 8


class OnPurpose(Exception):
    """What lets a creation fail after it has taken its number."""


def create(author: User) -> str:
    ticket = actions.create_ticket(
        author, title="t", description="d", due_date=datetime(2030, 1, 1, tzinfo=UTC), severity="LOW"
    )
    return ticket.ticket_number


def fail_to_create(author: User) -> None:
    try:
        with transaction.atomic():
            create(author)
            raise OnPurpose
    except OnPurpose:
        pass


@pytest.mark.django_db
def test_a_failed_creation_gives_its_number_back() -> None:
    author = factories.associate()
    with time_machine.travel("2026-06-01T12:00:00Z"):
        fail_to_create(author)
        assert create(author) == "TKT-2026-000001"
        fail_to_create(author)
        fail_to_create(author)
        assert create(author) == "TKT-2026-000002"
    assert list(TicketSequence.objects.values_list("year", "last_sequence")) == [(2026, 2)]


@pytest.mark.django_db
def test_a_deleted_ticket_keeps_its_number() -> None:
    author = factories.associate()
    with time_machine.travel("2026-06-01T12:00:00Z"):
        factories.deleted(factories.ticket(author=author), by=author)
        assert create(author) == "TKT-2026-000002"


@pytest.mark.django_db
def test_the_first_ticket_of_a_year_needs_no_preparation() -> None:
    author = factories.associate()
    with time_machine.travel("2026-12-31T23:59:59.999Z", tick=False):
        assert create(author) == "TKT-2026-000001"
        assert create(author) == "TKT-2026-000002"
    with time_machine.travel("2027-01-01T00:00:00Z", tick=False):
        assert create(author) == "TKT-2027-000001"
        answer = ApiClient(author).post("/tickets", NEW).json()
    assert (answer["ticketNumber"], answer["year"], answer["sequence"]) == ("TKT-2027-000002", 2027, 2)
    assert answer["createdAt"] == "2027-01-01T00:00:00.000Z"


@pytest.mark.django_db
def test_the_year_is_that_of_utc_wherever_the_person_is() -> None:
    with time_machine.travel("2027-01-01T01:30:00+02:00", tick=False):
        assert create(factories.associate()) == "TKT-2026-000001"


@pytest.mark.django_db
@pytest.mark.parametrize("known", [True, False], ids=["years with tickets", "years without"])
def test_midnight_passes_while_a_number_is_taken(known: bool) -> None:
    """The clock turns between the reading of the year and the end of the increment."""
    author = factories.associate()
    if known:
        TicketSequence.objects.create(year=2026, last_sequence=41)
        TicketSequence.objects.create(year=2027, last_sequence=7)
    with time_machine.travel("2026-12-31T23:59:59.999Z", tick=False) as clock:

        def strike(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            if sql.startswith("UPDATE") and "ticketsequence" in sql:
                clock.move_to("2027-01-01T00:00:00.001Z")
            return result

        with connection.execute_wrapper(strike):
            number = create(author)
    made = Ticket.objects.get()
    assert number == ("TKT-2027-000008" if known else "TKT-2027-000001")
    assert made.created_at == datetime(2027, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)
    assert (made.year, made.sequence) == (2027, 8 if known else 1)
    left = dict(TicketSequence.objects.values_list("year", "last_sequence"))
    assert left == ({2026: 41, 2027: 8} if known else {2027: 1})


@pytest.mark.django_db
def test_numbers_grow_past_six_digits() -> None:
    author = factories.associate()
    TicketSequence.objects.create(year=2026, last_sequence=999_998)
    with time_machine.travel("2026-06-01T12:00:00Z"):
        assert create(author) == "TKT-2026-999999"
        answer = ApiClient(author).post("/tickets", NEW).json()
        assert (answer["ticketNumber"], answer["sequence"]) == ("TKT-2026-1000000", 1_000_000)
        assert create(author) == "TKT-2026-1000001"
        listed = ApiClient(author).get("/tickets").json()["items"]
    assert [item["sequence"] for item in listed] == [1_000_001, 1_000_000, 999_999]


@pytest.mark.django_db(transaction=True)
def test_many_processes_create_at_once(database_url: str, long_run: bool) -> None:
    """Eight processes, of whose creations every tenth fails after its number is taken."""
    each = 250 if long_run and connection.vendor == "postgresql" else 25
    author = factories.associate()
    script = Path(__file__).with_name("create_many.py")
    command = [sys.executable, str(script), str(PROCESSES), str(author.pk), str(each)]
    environment = server_environment(database_url, PYTHONPATH=str(settings.BASE_DIR), DATABASE_POOL="0")
    assert subprocess.run(command, env=environment, timeout=2 * PATIENCE).returncode == 0

    failed = each // 10
    rows = list(Ticket.objects.order_by("sequence").values_list("sequence", "ticket_number", "year", "created_at"))
    assert len(rows) == PROCESSES * (each - failed)
    assert [sequence for sequence, *_ in rows] == list(range(1, len(rows) + 1))
    assert [number for _, number, *_ in rows] == [f"TKT-{year}-{n:06d}" for n, _, year, _ in rows]
    moments = [created_at for *_, created_at in rows]
    assert moments == sorted(moments)
    assert all(ticket.history.count() == 1 for ticket in Ticket.objects.all()[:10])
