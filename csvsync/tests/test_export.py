"""The export, to the byte."""

from __future__ import annotations

import re
import tracemalloc
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from config.database.statistics import analyze
from csvsync.exchange.export import export_pending
from csvsync.files.writing import csv_line
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

HEADER = "id,ticket_number,status,severity,title,due_date\n"


@pytest.fixture
def author() -> User:
    return factories.associate()


def exported() -> str:
    return b"".join(export_pending()).decode()


def test_without_pending_tickets_there_is_only_the_header() -> None:
    for status in ("DRAFT", "REVIEW", "OPEN", "CLOSED"):
        factories.ticket(status)
    factories.deleted(factories.ticket("DRAFT"))
    assert exported() == HEADER


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("plain", "plain"),
        ("two words; a tab\there", "two words; a tab\there"),
        ("one, two", '"one, two"'),
        ('19" rack', '"19"" rack"'),
        ('"', '""""'),
        ("two\nlines", '"two\nlines"'),
        ("two\rlines", '"two\rlines"'),
        ("two\r\nlines", '"two\r\nlines"'),
        ("'single'", "'single'"),
        ("\\.", "\\."),
        ("\\N", "\\N"),
        ("back\\slash", "back\\slash"),
        ("=1+1", "=1+1"),
        ("NULL", "NULL"),
        ("Añb “c” € \U0001f600", "Añb “c” € \U0001f600"),
        ("\x01\x7f\u2028\x85", "\x01\x7f\u2028\x85"),
        ("100 %s %(x)s", "100 %s %(x)s"),
    ],
    ids=range(17),
)
def test_quotes_stand_only_where_needed(author: User, title: str, cell: str) -> None:
    ticket = factories.ticket("PENDING", author=author, title=title)
    line = f"{ticket.pk},{ticket.ticket_number},PENDING,MEDIUM,{cell},2026-12-24T09:30:00.000Z\n"
    assert exported() == HEADER + line


@pytest.mark.parametrize(
    ("due", "written"),
    [
        (datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2026-01-31T09:30:00.000Z"),
        (datetime(2026, 1, 31, 9, 30, 5, 123000, tzinfo=UTC), "2026-01-31T09:30:05.123Z"),
        (datetime(2026, 1, 31, 23, 59, 59, 999000, tzinfo=UTC), "2026-01-31T23:59:59.999Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (datetime(999, 3, 4, 5, 6, 7, 8000, tzinfo=UTC), "0999-03-04T05:06:07.008Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC), "9999-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_written_as_in_json(author: User, due: datetime, written: str) -> None:
    ticket = factories.ticket("PENDING", author=author, due_date=due)
    assert exported().splitlines()[1].rpartition(",")[2] == written
    response = ApiClient(author).get(f"/tickets/{ticket.pk}")
    assert response.json()["dueDate"] == written


def test_the_oldest_ticket_stands_first(author: User) -> None:
    numbers = []
    for year, day in ((2026, 5), (2025, 9), (2025, 10), (2026, 6)):
        with time_machine.travel(datetime(year, 1, day, tzinfo=UTC)):
            numbers.append(factories.ticket("PENDING", author=author).ticket_number)
    assert numbers == ["TKT-2026-000001", "TKT-2025-000001", "TKT-2025-000002", "TKT-2026-000002"]
    assert re.findall(r"TKT-\d+-\d+", exported()) == [
        "TKT-2025-000001",
        "TKT-2025-000002",
        "TKT-2026-000001",
        "TKT-2026-000002",
    ]


def test_what_the_database_writes_equals_what_we_write(author: User) -> None:
    titles = ["plain", "one, two", 'x "y" z', "a\r\nb", "é€\U0001f600", "\\.", " space ", "a;b\tc"]
    for severity, title in zip(["EASY", "LOW", "MEDIUM", "HIGH"] * 2, titles, strict=True):
        factories.ticket("PENDING", author=author, title=title, severity=severity)
    export = export_pending()
    assert b"".join(export) == csv_line(HEADER.strip().split(",")).encode() + b"".join(export._written())
    assert export.rows == 16  # eight in each of the two ways


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["a", "b"], "a,b\n"),
        (["a"], "a\n"),
        ([""], '""\n'),
        (["", ""], '"",\n'),
        ([" ", "\u200b"], '" ",\u200b\n'),
        (["", "\n", ""], '"","\n",\n'),
        (["", "a"], ",a\n"),
        (["a\n", 'b"', "c,"], '"a\n","b""","c,"\n'),
    ],
)
def test_a_line_of_our_own(cells: list[str], line: str) -> None:
    assert csv_line(cells) == line


def test_the_answer_is_an_attachment(author: User) -> None:
    ticket, manager = factories.ticket("PENDING", author=author), factories.manager()
    with time_machine.travel(datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), tick=False):
        response = ApiClient(manager).get("/csv/export/pending")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="pending_tickets_2026-02-03-04-05-06.csv"'
    assert response.streaming
    row = f"{ticket.pk},{ticket.ticket_number},PENDING,MEDIUM,{ticket.title},2026-12-24T09:30:00.000Z\n"
    assert response.getvalue().decode() == HEADER + row


def test_only_managers_export(author: User) -> None:
    assert_error(ApiClient().get("/csv/export/pending"), 401, "unauthorized", "Unauthorized")
    assert_error(ApiClient(author).get("/csv/export/pending"), 403, "forbidden_role", "Forbidden resource")
    assert_error(ApiClient(factories.manager()).post("/csv/export/pending"), 405, "method_not_allowed")


def test_queries_do_not_depend_on_the_number_of_tickets(author: User) -> None:
    client = ApiClient(factories.manager())
    for many in (1, 3):
        while Ticket.objects.pending().count() < many:
            factories.ticket("PENDING", author=author)
        with CaptureQueriesContext(connection) as queries:
            client.get("/csv/export/pending").getvalue()
        # Whose token it is, the record of who took them, the tickets, and the ledger around them; PostgreSQL is asked
        # for the time as well.
        asked = [query["sql"][:80] for query in queries]
        assert len(asked) == {"sqlite": 8, "postgresql": 8 + 3}[connection.vendor], asked


def test_an_export_does_not_hold_its_rows(author: User) -> None:
    """A client that reads slowly costs the server no memory."""
    ticket = factories.ticket("PENDING", author=author, title="\U0001f600" * 200)
    numbers = range(2, 5001)
    copies = [
        Ticket(**{**_fields(ticket), "sequence": n, "ticket_number": f"TKT-{ticket.year}-{n:06d}"}) for n in numbers
    ]
    Ticket.objects.bulk_create(copies, batch_size=500)
    analyze(Ticket)
    del copies
    export = export_pending()
    tracemalloc.start()
    size = sum(len(block) for block in export)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert export.rows == 5000
    assert size > 4_400_000
    assert peak < 2_500_000


def _fields(ticket: Ticket) -> dict[str, object]:
    return {
        field.attname: getattr(ticket, field.attname) for field in Ticket._meta.concrete_fields if field.name != "id"
    }
