"""What tickets/backfill writes is what the actions would have written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction

from tests.support import factories
from tests.support.past_tickets import (
    DUE,
    People,
    at,
    changed,
    closed,
    deleted,
    draft,
    lowered,
    moved,
)
from tickets import actions, status_counts
from tickets.backfill import writing
from tickets.backfill.records import TicketRecord
from tickets.backfill.writing import backfill_tickets
from tickets.events.cursors import BEGINNING
from tickets.events.reading import events_after
from tickets.models import HistoryEntry, Ticket, TicketSequence, TicketText


@pytest.fixture
def people(db: None) -> People:
    return People()


def rows() -> dict[str, list[Any]]:
    """What all tables of tickets hold, and who reads along is told, without what was made by chance.

    That are ids, and the salts and hashes of entries, which cover ids.
    """
    numbers = {None: None} | dict(Ticket.objects.values_list("pk", "ticket_number"))
    events = events_after(BEGINNING, limit=100)
    found: dict[str, list[Any]] = {
        "totals": [status_counts.by_status()],
        "events": [(event.ticket_number, event.version, event.at) for event in events],
    }
    for model in apps.get_app_config("tickets").get_models():
        told = [dict(row) for row in model._default_manager.values()]
        for row in told:
            for by_chance in ("id", "salt", "texts_hash", "hash"):
                row.pop(by_chance, None)
            row["ticket_id"] = numbers[row.get("ticket_id")]
        found[model._meta.db_table] = sorted(told, key=str)
    return found


# --- What is written -----------------------------------------------------------------------------------------------


def lived_through(people: People) -> None:
    """The stories of `told`, by the actions themselves at their times."""

    def day(number: int) -> Any:
        return time_machine.travel(at(number), tick=False)

    with day(1):
        first = actions.create_ticket(
            people.author,
            title="Printer",
            description="It is out.",
            due_date=DUE,
            severity="LOW",
            ai_suggested_severity="MEDIUM",
        )
        second = actions.create_ticket(
            people.manager, title="Éclairage", description="Trop fort.", due_date=DUE, severity="VERY_HIGH"
        )
    with day(2):
        actions.delete_ticket(people.author, first.pk)
        actions.change_severity(people.second, second.pk, severity="EASY", reason="One lamp.")
    with day(3):
        actions.restore_ticket(people.author, first.pk)
        second.refresh_from_db()
        factories.import_status(second, "CLOSED")
    with day(4):
        actions.change_severity(people.second, first.pk, severity="HIGH", reason="A whole floor waits.")
    with day(5):
        actions.edit_ticket(people.author, first.pk, title="Printer, ground floor", description="All are out.")
    with day(6):
        actions.approve_ticket(people.manager, first.pk)
    with day(7):
        first.refresh_from_db()
        factories.import_status(first, "OPEN")
    with day(8):
        factories.import_status(first, "CLOSED", user=people.second)
    with day(10):
        third = actions.create_ticket(
            people.author, title="A second screen", description="Mine is small.", due_date=DUE, severity="EASY"
        )
    with day(11):
        actions.change_severity(people.manager, third.pk, severity="LOW", reason="For whom?")
    with day(12):
        actions.edit_ticket(people.second, third.pk, title="A second screen")
    with day(13):
        actions.delete_ticket(people.manager, third.pk)


class Undone(Exception):
    """Takes back what was written to be compared."""


def test_all_tables_get_the_rows_that_the_actions_would_have_written(people: People) -> None:
    with pytest.raises(Undone), transaction.atomic():
        lived_through(people)
        by_actions = rows()
        raise Undone
    assert HistoryEntry.objects.count() == 0
    assert backfill_tickets([closed(people), lowered(people), deleted(people)]) == 3
    written = rows()
    assert written.keys() == by_actions.keys()
    assert by_actions.pop("tickets_told")
    assert written["tickets_told"] == [], "nobody wants to hear now of what is long over"
    for table, expected in by_actions.items():
        assert written[table] == expected, table
    assert len(written["tickets_historyentry"]) == len(written["events"]) == 8 + 3 + 4


def test_ids_are_kept_where_the_record_has_them_and_made_where_not(people: People) -> None:
    own, first = uuid4(), uuid4()
    backfill_tickets([changed(closed(people, id=own), 1, id=first), draft(people)])
    ticket = Ticket.objects.get(pk=own)
    assert ticket.history.get(version=1).pk == first
    assert ticket.history.get(version=2).pk.version == 4
    assert Ticket.objects.exclude(pk=own).get().pk.version == 4


def test_what_is_written_is_found_by_search(people: People) -> None:
    backfill_tickets([closed(people)])
    assert [ticket.title for ticket in Ticket.objects.matching("ALL ARE")] == ["Printer, ground floor"]


def test_an_actor_is_judged_in_the_role_of_that_time(people: People) -> None:
    record = closed(people)
    factories.set_role(people.manager, "ASSOCIATE")
    backfill_tickets([record])
    roles = Ticket.objects.get().history.order_by("version").values_list("actor_role", flat=True)
    assert list(roles)[5:] == ["MANAGER", None, "MANAGER"]


# --- Numbers -------------------------------------------------------------------------------------------------------


def numbers() -> list[str]:
    return list(Ticket.objects.oldest_first().values_list("ticket_number", flat=True))


def test_numbers_that_are_not_given_follow_one_another_in_each_year(people: People) -> None:
    with time_machine.travel("2020-01-07T12:00Z", tick=False):
        factories.ticket()
    in_2019 = [moved(draft(people), 1, datetime(2019, 12, 31, 23, 59, second, tzinfo=UTC)) for second in (58, 59)]
    midnight = moved(draft(people), 1, datetime(2020, 1, 8, 0, tzinfo=timezone(timedelta(hours=-3))))
    backfill_tickets([*in_2019, midnight, draft(people, 10)])
    assert numbers() == ["TKT-2019-000001", "TKT-2019-000002", "TKT-2020-000001", "TKT-2020-000002", "TKT-2020-000003"]
    with time_machine.travel("2020-04-01T12:00Z", tick=False):
        assert factories.ticket().ticket_number == "TKT-2020-000004"


def test_the_year_of_a_number_is_that_of_utc(people: People) -> None:
    new_year_in_tokyo = datetime(2020, 1, 1, 5, tzinfo=timezone(timedelta(hours=9)))
    backfill_tickets([moved(draft(people, number="TKT-2019-000001"), 1, new_year_in_tokyo)])
    assert numbers() == ["TKT-2019-000001"]


def test_given_numbers_may_leave_gaps_and_the_next_ones_go_on_from_them(people: People) -> None:
    given = [draft(people, number=number) for number in ("TKT-2020-000007", None, "TKT-2020-1000000", None)]
    backfill_tickets(given)
    assert numbers() == ["TKT-2020-000007", "TKT-2020-000008", "TKT-2020-1000000", "TKT-2020-1000001"]
    assert list(TicketSequence.objects.values_list("year", "last_sequence")) == [(2020, 1_000_001)]


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_a_number_while_tickets_are_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 1)
    people = People()
    year = datetime.now(UTC).year
    TicketSequence.objects.create(year=year)
    beginning = datetime(year, 1, 1, tzinfo=UTC)

    def create() -> str:
        try:
            return factories.ticket(author=people.author).ticket_number
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:

        def records() -> Iterator[TicketRecord]:
            yield moved(draft(people), 1, beginning)
            made.append(pool.submit(create))
            time.sleep(0.5)  # for the other one to come so far that it would take the second number
            yield moved(draft(people), 1, beginning)

        made: list[Any] = []
        backfill_tickets(records())
        assert made[0].result() == f"TKT-{year}-000003"
    assert numbers() == [f"TKT-{year}-00000{n}" for n in (1, 2, 3)]


def test_no_records_are_no_tickets(db: None) -> None:
    assert backfill_tickets([]) == 0
    assert TicketText.objects.count() == 0
