"""The sums of tickets by status follow whoever writes tickets, by the product's actions or by plain SQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.many import double_tickets
from tests.support.pages import Desk
from tickets import status_counts
from tickets.models import Ticket

SELDOM = "random() < 0.003"
NONE = {"DRAFT": 0, "REVIEW": 0, "PENDING": 0, "OPEN": 0, "CLOSED": 0}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM tickets_total")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_every_action_moves_the_totals() -> None:
    assert status_counts.by_status() == NONE
    ticket = factories.ticket()
    assert status_counts.by_status() == NONE | {"DRAFT": 1}
    factories.deleted(ticket)
    assert status_counts.by_status() == NONE
    factories.restored(ticket)
    assert status_counts.by_status() == NONE | {"DRAFT": 1}
    pending = factories.advance(ticket, "PENDING")
    assert status_counts.by_status() == NONE | {"PENDING": 1}
    factories.import_status(pending, "OPEN")
    assert status_counts.by_status() == NONE | {"OPEN": 1}
    factories.ticket("REVIEW")
    factories.ticket("CLOSED")
    assert status_counts.by_status() == NONE | {"REVIEW": 1, "OPEN": 1, "CLOSED": 1}


@pytest.mark.django_db
def test_plain_sql_moves_them_as_well() -> None:
    for status in ("DRAFT", "DRAFT", "REVIEW", "PENDING", "OPEN"):
        factories.ticket(status)
    double_tickets(2)
    assert status_counts.by_status() == NONE | {"DRAFT": 8, "REVIEW": 4, "PENDING": 4, "OPEN": 4}
    run("UPDATE tickets_ticket SET status = 'CLOSED' WHERE status IN ('PENDING', 'OPEN')")
    assert status_counts.by_status() == NONE | {"DRAFT": 8, "REVIEW": 4, "CLOSED": 8}
    run("UPDATE tickets_ticket SET status = status, title = 'Another'")
    assert status_counts.by_status() == NONE | {"DRAFT": 8, "REVIEW": 4, "CLOSED": 8}
    run("UPDATE tickets_ticket SET deleted_at = updated_at, deleted_by_id = created_by_id WHERE status = 'REVIEW'")
    assert status_counts.by_status() == NONE | {"DRAFT": 8, "CLOSED": 8}
    run("UPDATE tickets_ticket SET deleted_at = NULL, deleted_by_id = NULL, status = 'OPEN' WHERE status = 'REVIEW'")
    assert status_counts.by_status() == NONE | {"DRAFT": 8, "OPEN": 4, "CLOSED": 8}


@pytest.mark.django_db
def test_what_is_undone_is_not_counted() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        factories.ticket()
        raise RuntimeError
    assert status_counts.by_status() == NONE


@pytest.fixture
def always_put_together(transactional_db: None) -> Iterator[None]:
    """Each statement puts the rows together, so that those of several people get in each other's way."""
    if connection.vendor != "postgresql":  # it has one row for each status
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('tickets_total_follow'::regproc)")
        [definition] = cursor.fetchone()
    assert SELDOM in definition
    run(definition.replace(SELDOM, "random() < 2"))
    yield
    run(definition)


@pytest.mark.usefixtures("always_put_together")
def test_of_many_at_once_none_is_counted_twice_or_left_out() -> None:
    tickets = [factories.ticket() for _ in range(6)]
    reviewer = factories.manager()

    def there_and_back(ticket: Ticket) -> None:
        try:
            for _ in range(10):
                factories.deleted(ticket, by=reviewer)
                factories.restored(ticket)
            factories.advance(ticket, "PENDING", reviewer=reviewer)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(there_and_back, tickets))
    assert status_counts.by_status() == NONE | {"PENDING": 6}
    assert rows() < 50  # without being put together they would be 270


@pytest.mark.django_db
def test_the_rows_that_are_summed_stay_few() -> None:
    factories.ticket("OPEN")
    if connection.vendor == "postgresql":
        run("SELECT setseed(0.5)")
    for _ in range(1000):
        run("UPDATE tickets_ticket SET status = 'CLOSED'")
        run("UPDATE tickets_ticket SET status = 'OPEN'")
    assert status_counts.by_status() == NONE | {"OPEN": 1}
    assert rows() < 2000  # of 4000


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/tickets", "/tickets?status=DRAFT&sort=-severity&page=2"])
def test_a_list_that_is_not_narrowed_further_counts_no_tickets(path: str) -> None:
    factories.ticket()
    for client in (ApiClient(factories.associate()), Desk(factories.associate())):
        with CaptureQueriesContext(connection) as asked:
            client.get(path if isinstance(client, ApiClient) else f"/desk{path.replace('?', '/?')}")
        counting = [sql for query in asked if "COUNT(" in (sql := query["sql"]) and "tickets_ticket" in sql]
        few = ("tickets_told", "tickets_question")  # found by an index of the few that there are
        assert not [sql for sql in counting if not any(table in sql for table in few)], path
