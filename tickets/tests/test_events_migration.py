"""What happened before there were events is told first, in order of time; and all of it can be undone."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases import past
from tests.support.forgery import sql
from tests.support.many import double_tickets
from tests.support.version_before import writing_as_before_hashes
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, TABLE, FILLED, FOLLOWED = (
    "0012_read_marks",
    "0013_events",
    "0014_events_of_before",
    "0015_events_follow",
)
backfill = importlib.import_module(f"tickets.migrations.{FILLED}")
LONG_AGO = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _before_events(transactional_db: None) -> Iterator[None]:
    with past.desk("before_events"), writing_as_before_hashes():
        yield


def migrate(name: str) -> None:
    past.migrate(("tickets", name))


def events() -> list[tuple[str, int]]:
    """As they stand in the table. On PostgreSQL those that nobody has asked for yet have no position, and are last."""
    rows = sql("SELECT ticket_id, version FROM tickets_event ORDER BY COALESCE(position, 1000000), id")
    return [(str(uuid.UUID(str(ticket))), version) for ticket, version in rows]


def told() -> list[tuple[str, int]]:
    items = ApiClient(factories.associate()).get("/events?limit=1000").json()["items"]
    return [(event["ticketId"], event["version"]) for event in items]


def in_order_of_time() -> list[tuple[str, int]]:
    rows = HistoryEntry.objects.values_list("created_at", "version", "ticket_id")
    return [(str(ticket), version) for _at, version, ticket in sorted(rows)]


def write_in_disorder() -> None:
    """Entries in another order than that of their times, and some of the same time."""
    for hours, status in ((5, "CLOSED"), (2, "REVIEW"), (9, "PENDING"), (2, "CLOSED"), (1, "DRAFT")):
        with time_machine.travel(LONG_AGO + timedelta(hours=hours), tick=False):
            factories.ticket(status)


@pytest.mark.parametrize("batch", [1, 3, 10, 1000])
def test_what_happened_before_comes_first_in_order_of_time(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(backfill, "BATCH", batch)
    monkeypatch.setattr(backfill, "ADD", backfill.ADD.replace("LIMIT 10000", f"LIMIT {batch}"))
    assert f"LIMIT {batch}\n" in backfill.ADD
    write_in_disorder()
    migrate(FILLED)
    before = in_order_of_time()
    assert len(before) == 3 + 2 + 2 + 3 + 1
    assert events() == before


def test_what_is_written_between_two_steps_is_told_too_to_the_newest() -> None:
    write_in_disorder()
    expected = in_order_of_time()
    migrate(FILLED)
    second = factories.ticket("PENDING")  # by a program that still runs, and knows nothing of events
    migrate(FOLLOWED)
    third = factories.ticket("PENDING")
    expected += [(str(made.pk), version) for made in (second, third) for version in (1, 2)]
    assert events() == expected
    past.migrate()
    assert told() == expected
    with time_machine.travel(LONG_AGO, tick=False):  # whatever a clock says
        made = factories.ticket()
    assert told() == [*expected, (str(made.pk), 1)]


def test_a_desk_without_history_has_no_events() -> None:
    migrate(FOLLOWED)
    assert events() == []


def test_going_back_and_forth_again_tells_everything_once() -> None:
    write_in_disorder()
    for step in (FOLLOWED, FILLED, TABLE, FILLED, BEFORE):
        migrate(step)
    factories.ticket("CLOSED")
    migrate(FOLLOWED)
    assert events() == in_order_of_time()


def test_many_are_taken_up(long_run: bool) -> None:
    """A million in the long run."""
    factories.restored(factories.deleted(factories.ticket()))
    factories.advance(Ticket.objects.get(), "CLOSED")
    times = 18 if long_run else 11
    double_tickets(times)
    migrate(FOLLOWED)
    found = sql("SELECT COUNT(*), COUNT(position), MIN(position), MAX(position) FROM tickets_event")
    assert found == [(5 * 2**times, 5 * 2**times, 1, 5 * 2**times)]
    out_of_order = sql(
        "SELECT COUNT(*) FROM tickets_event AS earlier JOIN tickets_event AS later"
        " ON later.position = earlier.position + 1"
        " WHERE (later.at, later.version, later.ticket_id) < (earlier.at, earlier.version, earlier.ticket_id)"
    )
    assert out_of_order == [(0,)]
