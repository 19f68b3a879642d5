"""How the desk is doing: each figure by hand, and recomputed from the whole history of a lively desk."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from config import caching
from tests.support import factories
from tickets import actions, figures
from tickets.demo.people import create_people
from tickets.demo.tickets import create_tickets
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

LEVELS = ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
STATUSES = ["DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"]
NOW = datetime(2026, 6, 17, 15, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=False):
        yield


def made(ago: timedelta, status: str = "DRAFT", **fields: Any) -> Ticket:
    """A ticket that was created and came to its status that long before NOW."""
    with at(NOW - ago):
        return factories.ticket(status, **fields)


def approve(ticket: Ticket, ago: timedelta) -> None:
    with at(NOW - ago):
        actions.approve_ticket(factories.manager(), ticket.pk)


# --- By hand ------------------------------------------------------------------------------------------------------


def test_weeks_begin_on_monday_utc_and_the_last_one_is_this_week() -> None:
    weeks = figures.count_weeks(NOW)
    assert len(weeks) == 12
    assert weeks[-1].begins == datetime(2026, 6, 15, tzinfo=UTC)
    assert weeks[0].begins == datetime(2026, 3, 30, tzinfo=UTC)
    assert weeks[3].begins == datetime(2026, 4, 20, tzinfo=UTC)
    assert {(week.created, week.closed) for week in weeks} == {(0, 0)}


def test_creations_and_closings_count_in_their_week() -> None:
    monday = datetime(2026, 6, 15, tzinfo=UTC)
    with at(monday - timedelta(milliseconds=1)):
        before = factories.ticket("PENDING")
        factories.ticket("REVIEW")
    with at(monday):
        factories.import_status(before, "CLOSED")
        factories.ticket()
        factories.ticket("CLOSED")
        factories.ticket("OPEN")
        factories.deleted(factories.ticket())
    with at(datetime(2026, 3, 29, 23, 59, 59, tzinfo=UTC)):
        factories.ticket("CLOSED")  # the day before the first of the weeks
    with at(datetime(2026, 3, 30, tzinfo=UTC)):
        factories.ticket()
    weeks = figures.count_weeks(NOW)
    assert [(week.created, week.closed) for week in weeks] == [(1, 0), *[(0, 0)] * 9, (2, 0), (3, 2)]


def test_what_is_deleted_counts_again_once_it_is_restored() -> None:
    gone = factories.deleted(made(HOUR))
    assert figures.count_weeks(NOW)[-1].created == 0
    factories.restored(gone)
    assert figures.count_weeks(NOW)[-1].created == 1


def test_stocks_by_status_severity_and_age() -> None:
    made(DAY - timedelta(seconds=1), severity="LOW")
    made(DAY, severity="LOW")
    made(7 * DAY - HOUR, "REVIEW", severity="LOW")  # sent back as MEDIUM
    made(7 * DAY, "PENDING", severity="HIGH")
    made(31 * DAY, "OPEN", severity="EASY")
    made(89 * DAY, "OPEN", severity="EASY")
    made(90 * DAY, "OPEN", severity="VERY_HIGH")
    made(200 * DAY, "CLOSED", severity="VERY_HIGH")
    factories.deleted(made(HOUR))
    stocks = {stock.status: (stock.by_severity, stock.by_age) for stock in figures.count_stocks(NOW)}
    assert stocks == {
        "DRAFT": ([0, 2, 0, 0, 0], [1, 1, 0, 0, 0]),
        "REVIEW": ([0, 0, 1, 0, 0], [0, 1, 0, 0, 0]),
        "PENDING": ([0, 0, 0, 1, 0], [0, 0, 1, 0, 0]),
        "OPEN": ([2, 0, 0, 0, 1], [0, 0, 0, 2, 1]),
        "CLOSED": ([0, 0, 0, 0, 1], [0, 0, 0, 0, 0]),
    }


def stays() -> dict[str, tuple[int, timedelta | None, timedelta | None]]:
    return {stay.status: (stay.count, stay.median, stay.most) for stay in figures.measure_stays(NOW)}


def test_nobody_has_left_a_status_of_an_empty_desk() -> None:
    nothing = (0, None, None)
    assert stays() == {"DRAFT": nothing, "REVIEW": nothing, "PENDING": nothing, "OPEN": nothing}


def test_the_median_of_an_odd_number_is_the_one_in_the_middle() -> None:
    for hours in (1, 30, 4):
        approve(made(100 * HOUR), (100 - hours) * HOUR)
    assert stays()["DRAFT"] == (3, 4 * HOUR, 30 * HOUR)


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    for hours in (1, 30, 4, 7):
        approve(made(100 * HOUR), (100 - hours) * HOUR)
    assert stays()["DRAFT"] == (4, 5.5 * HOUR, 30 * HOUR)


def test_nine_in_ten_stay_no_longer_than_the_ninth_of_ten() -> None:
    for hours in range(1, 11):
        approve(made(100 * HOUR), (100 - hours) * HOUR)
    assert stays()["DRAFT"] == (10, 5.5 * HOUR, 9 * HOUR)


def test_each_stay_of_a_ticket_counts_for_itself() -> None:
    author, boss = factories.associate(), factories.manager()
    with at(NOW - 100 * HOUR):
        ticket = factories.ticket(author=author)
    with at(NOW - 98 * HOUR):
        actions.change_severity(boss, ticket.pk, severity="HIGH", reason="r")
    with at(NOW - 95 * HOUR):
        actions.edit_ticket(author, ticket.pk, title="Better")
    with at(NOW - 85 * HOUR):
        ticket = actions.change_severity(boss, ticket.pk, severity="LOW", reason="r")
    with at(NOW - 60 * HOUR):
        ticket = factories.import_status(ticket, "OPEN")
    with at(NOW - 10 * HOUR):
        factories.import_status(ticket, "CLOSED")
    assert stays() == {
        "DRAFT": (2, 6 * HOUR, 10 * HOUR),
        "REVIEW": (1, 3 * HOUR, 3 * HOUR),
        "PENDING": (1, 25 * HOUR, 25 * HOUR),
        "OPEN": (1, 50 * HOUR, 50 * HOUR),
    }


def test_a_deletion_and_a_restoration_do_not_end_a_stay() -> None:
    ticket = made(50 * HOUR)
    with at(NOW - 40 * HOUR):
        factories.deleted(ticket)
    assert stays()["DRAFT"] == (0, None, None)
    with at(NOW - 30 * HOUR):
        factories.restored(ticket)
    approve(ticket, 20 * HOUR)
    assert stays()["DRAFT"] == (1, 30 * HOUR, 30 * HOUR)


def test_stays_that_ended_more_than_four_weeks_ago_do_not_count() -> None:
    approve(made(100 * DAY), 28 * DAY + timedelta(seconds=1))
    approve(made(45 * DAY), 28 * DAY)
    assert stays()["DRAFT"] == (1, 17 * DAY, 17 * DAY)


def test_milliseconds_are_not_lost() -> None:
    start = NOW - 2 * DAY
    with at(start):
        ticket = factories.ticket()
    with at(start + timedelta(hours=5, milliseconds=123)):
        actions.approve_ticket(factories.manager(), ticket.pk)
    assert stays()["DRAFT"][1] == timedelta(hours=5, milliseconds=123)


# --- Recomputed ---------------------------------------------------------------------------------------------------


def histories() -> list[list[dict[str, Any]]]:
    """The entries of each ticket that is not deleted by its history, oldest first."""
    by_ticket: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for entry in HistoryEntry.objects.order_by("ticket_id", "version").values():
        by_ticket[entry["ticket_id"]].append(dict(entry))
    return [entries for entries in by_ticket.values() if _is_live(entries)]


def _is_live(entries: list[dict[str, Any]]) -> bool:
    last = [entry["action"] for entry in entries if entry["action"] in ("deleted", "restored")]
    return not last or last[-1] == "restored"


def severity_of(entries: list[dict[str, Any]]) -> str:
    return [str(entry["to_severity"]) for entry in entries if entry["to_severity"]][-1]


def recomputed_weeks(now: datetime) -> list[tuple[int, int]]:
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    monday = today - timedelta(days=today.isoweekday() - 1)
    created: Counter[int] = Counter()
    closed: Counter[int] = Counter()
    for entries in histories():
        for entry in entries:
            week = math.floor((entry["created_at"] - monday) / timedelta(weeks=1))
            created[week] += entry["action"] == "created"
            closed[week] += entry["to_status"] == "CLOSED"
    return [(created[week], closed[week]) for week in range(-11, 1)]


def recomputed_stocks(now: datetime) -> dict[str, tuple[list[int], list[int]]]:
    severities: Counter[tuple[str, str]] = Counter()
    ages: Counter[tuple[str, int]] = Counter()
    for entries in histories():
        status = entries[-1]["to_status"]
        severities[status, severity_of(entries)] += 1
        if status != "CLOSED":
            days = (now - entries[0]["created_at"]) / DAY
            ages[status, sum(days >= limit for limit in (1, 7, 30, 90))] += 1
    return {
        status: ([severities[status, level] for level in LEVELS], [ages[status, age] for age in range(5)])
        for status in STATUSES
    }


def recomputed_stays(now: datetime) -> dict[str, tuple[int, timedelta | None, timedelta | None]]:
    lengths: dict[str, list[timedelta]] = defaultdict(list)
    for entries in histories():
        entered = None
        for entry in entries:
            if entry["from_status"] == entry["to_status"]:
                continue
            if entered and entry["created_at"] >= now - timedelta(weeks=4):
                lengths[entry["from_status"]].append(entry["created_at"] - entered)
            entered = entry["created_at"]
    found: dict[str, tuple[int, timedelta | None, timedelta | None]] = {}
    for status in STATUSES[:-1]:
        seconds = sorted(length.total_seconds() for length in lengths[status])
        if not seconds:
            found[status] = (0, None, None)
            continue
        ninth = seconds[-(-9 * len(seconds) // 10) - 1]
        found[status] = (
            len(seconds),
            timedelta(seconds=statistics.median(seconds)),
            timedelta(seconds=ninth),
        )
    return found


def test_every_figure_agrees_with_the_raw_history_of_the_demo() -> None:
    create_tickets(create_people(), 600)
    for number, ticket in enumerate(Ticket.objects.deleted()):
        if number % 2:
            factories.restored(ticket)
    now = timezone.now()
    weeks = [(week.created, week.closed) for week in figures.count_weeks(now)]
    assert weeks == recomputed_weeks(now)
    assert min(created for created, _closed in weeks) > 0
    stocks = {stock.status: (stock.by_severity, stock.by_age) for stock in figures.count_stocks(now)}
    assert stocks == recomputed_stocks(now)
    measured = {str(stay.status): (stay.count, stay.median, stay.most) for stay in figures.measure_stays(now)}
    expected = recomputed_stays(now)
    assert {status: stay[0] for status, stay in measured.items()} == {s: stay[0] for s, stay in expected.items()}
    for status, (_count, median, most) in expected.items():
        assert median is not None
        assert most is not None
        assert measured[status][1] == pytest.approx(median, abs=timedelta(milliseconds=1))
        assert measured[status][2] == pytest.approx(most, abs=timedelta(milliseconds=1))


def test_three_queries_whatever_there_is(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for count in (1, 3):
        for status in STATUSES * count:
            factories.ticket(status)
        with django_assert_num_queries(3):
            figures.measure_desk()


# --- Kept for a while ---------------------------------------------------------------------------------------------


@pytest.fixture
def a_cache(settings: Settings) -> Iterator[None]:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "figures"}}
    yield
    cache.clear()


@pytest.mark.usefixtures("a_cache")
def test_what_is_quick_is_of_this_moment() -> None:
    answers = iter("ab")
    assert [caching.cached_if_slow("name", lambda: next(answers)) for _ in range(2)] == ["a", "b"]


@pytest.mark.usefixtures("a_cache")
def test_what_is_slow_is_kept_for_fifty_times_as_long_as_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0, 2, 0, 2])  # two seconds each time
    answers = iter("ab")
    with time_machine.travel(NOW, tick=False) as traveller:
        monkeypatch.setattr("time.perf_counter", lambda: next(clock))
        seen = []
        for seconds in (0, 99, 2):
            traveller.shift(seconds)
            seen.append(caching.cached_if_slow("name", lambda: next(answers)))
    assert seen == ["a", "a", "b"]
