"""The home page: what needs whom, whether the exchange keeps its hours, and how the desk is doing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from csvsync.models import Run
from tests.support import factories
from tests.support.many import double_tickets
from tests.support.pages import Desk, links, words
from tickets import actions
from tickets.demo.people import create_people
from tickets.demo.tickets import create_tickets
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db
HOME = "/desk/"
NOW = datetime(2026, 6, 17, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def boss() -> User:
    return factories.manager(name="Mia Reed")


@pytest.fixture
def author() -> User:
    return factories.associate()


def section(page: str, name: str) -> str:
    found = re.search(rf'<section[^>]* aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, f"there is no section {name}"
    return found[1]


def numbers(part: str) -> list[str]:
    return re.findall(r'<a href="/desk/tickets/(TKT-[0-9-]+)/', part)


def vitals(page: str) -> dict[str, int]:
    found = re.search(r'<ul class="vitals".*?</ul>', page, re.DOTALL)
    assert found
    return {
        words(name): int(count) for count, name in re.findall(r"<strong>(\d+)</strong>(.*?)</a>", found[0], re.DOTALL)
    }


def table(page: str, caption: str) -> list[list[str]]:
    """The words of each cell of a table's body."""
    found = re.search(rf"<table[^>]*><caption[^>]*>{caption}</caption>.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert found, f"there is no table {caption}"
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def ago(length: timedelta, status: str = "DRAFT", **fields: Any) -> Ticket:
    with time_machine.travel(timezone.now() - length, tick=False):
        return factories.ticket(status, **fields)


def test_only_who_is_signed_in_has_a_home() -> None:
    answer = Desk().get(HOME)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/login/?next=/desk/")


# --- A manager ----------------------------------------------------------------------------------------------------


def test_a_manager_sees_what_waits_longest_first_without_their_own(boss: User, author: User) -> None:
    second, first = ago(5 * HOUR, author=author), ago(9 * HOUR, author=author)
    third = ago(30 * DAY, "REVIEW", author=author)
    actions.edit_ticket(author, third.pk, title="Sent again")  # waits since now only
    ago(9 * DAY, author=boss)
    factories.deleted(ago(9 * DAY, author=author))
    ago(9 * DAY, "PENDING", author=author)
    page = Desk(boss).text(HOME)
    assert numbers(section(page, "queue")) == [t.ticket_number for t in (first, second, third)]
    assert vitals(page)["waiting for your review"] == 3


def test_what_waits_longer_than_allowed_is_marked(boss: User, author: User, settings: Settings) -> None:
    old, young = ago(3 * HOUR + timedelta(minutes=1), author=author), ago(2 * HOUR, author=author)
    page = Desk(boss).text(HOME)
    assert "too long" not in page
    settings.REVIEW_WITHIN = 3 * HOUR
    page = Desk(boss).text(HOME)
    rows = re.findall(r"<tr data-ticket>(.*?)</tr>", section(page, "queue"), re.DOTALL)
    assert [(numbers(row), "too long" in words(row)) for row in rows] == [
        ([old.ticket_number], True),
        ([young.ticket_number], False),
    ]
    assert "1 for more than 3 hours" in words(page)


def test_the_queue_goes_on_in_the_list_and_from_ticket_to_ticket(boss: User, author: User) -> None:
    tickets = [ago(timedelta(hours=20 - n), author=author, title=f"Ticket {n}") for n in range(10)]
    desk = Desk(boss)
    queue = section(desk.text(HOME), "queue")
    assert numbers(queue) == [ticket.ticket_number for ticket in tickets[:8]]
    assert "See all 10" in words(queue)
    all_of_them = desk.text(next(href for href in links(queue) if "awaiting=me" in href and "list=" not in href))
    assert numbers(all_of_them) == [ticket.ticket_number for ticket in tickets]
    second = desk.text(next(href for href in links(queue) if tickets[1].ticket_number in href))
    assert re.search(rf'rel="prev" href="/desk/tickets/{tickets[0].ticket_number}/', second)
    assert re.search(rf'rel="next" href="/desk/tickets/{tickets[2].ticket_number}/', second)


def test_an_empty_queue_says_so(boss: User, author: User) -> None:
    assert "Nobody has raised a ticket yet." in section(Desk(boss).text(HOME), "queue")
    factories.ticket(author=boss)
    assert "Nothing waits for your review." in section(Desk(boss).text(HOME), "queue")


# --- An associate -------------------------------------------------------------------------------------------------


def test_an_associate_sees_what_came_back_and_why(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author, severity="LOW")
    actions.change_severity(boss, ticket.pk, severity="MEDIUM", reason="Say since when.")
    actions.edit_ticket(author, ticket.pk, description="Since Monday.")
    actions.change_severity(boss, ticket.pk, severity="HIGH", reason="Say who.")
    factories.ticket("REVIEW")
    page = Desk(author).text(HOME)
    back = section(page, "sent-back")
    assert numbers(back) == [ticket.ticket_number]
    assert "Say who." in back
    assert "Say since when." not in back
    assert vitals(page)["sent back to you"] == 1


def test_a_ticket_that_was_deleted_and_restored_still_came_back_once(author: User, boss: User) -> None:
    ticket = factories.ticket("REVIEW", author=author)
    factories.deleted(ticket)
    assert numbers(section(Desk(author).text(HOME), "sent-back")) == []
    factories.restored(ticket)
    assert numbers(section(Desk(author).text(HOME), "sent-back")) == [ticket.ticket_number]


def test_an_associate_sees_their_drafts_and_the_news(author: User, boss: User) -> None:
    later, sooner = ago(HOUR, author=author), ago(2 * HOUR, author=author)
    done = ago(3 * HOUR, "CLOSED", author=author)
    factories.ticket()
    page = Desk(author).text(HOME)
    assert numbers(section(page, "drafts")) == [sooner.ticket_number, later.ticket_number]
    assert vitals(page) == {
        "sent back to you": 0, "waiting for review": 2, "overdue": 0, "due in the next 3 days": 0
    }  # fmt: skip
    news = section(page, "news")
    assert numbers(news) == [done.ticket_number, done.ticket_number]
    assert "reported it as Closed" in words(news)
    assert 'aria-labelledby="queue"' not in page


def test_what_an_associate_has_much_of_goes_on_in_the_list(author: User) -> None:
    for n in range(6):
        ago(timedelta(hours=n + 1), author=author)
        ago(timedelta(hours=n + 1), "REVIEW", author=author)
    desk = Desk(author)
    page = desk.text(HOME)
    for name, shown in {"sent-back": 4, "drafts": 5}.items():
        part = section(page, name)
        assert len(numbers(part)) == shown
        assert "See all 6" in words(part)
        href = next(href for href in links(part) if "/desk/tickets/?" in href)
        assert numbers(desk.text(href))[:shown] == numbers(part)


def test_empty_for_somebody_new(author: User) -> None:
    page = words(Desk(author).text(HOME))
    assert "no manager asks you to revisit a ticket" in page
    assert "None of your tickets waits for a review." in page
    assert "Nothing yet." in page
    assert "How the desk is doing" not in page


# --- Due ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def due_tickets(author: User) -> dict[str, Ticket]:
    now = timezone.now()
    due = {
        "late": now - DAY, "a moment late": now - timedelta(seconds=1), "soon": now + DAY, "just": now + 3 * DAY - HOUR,
        "far": now + 3 * DAY + HOUR,
    }  # fmt: skip
    for status in ("CLOSED",):
        factories.ticket(status, author=author, due_date=now - DAY)
    factories.deleted(factories.ticket(author=author, due_date=now - DAY))
    return {name: factories.ticket("PENDING", author=author, due_date=moment) for name, moment in due.items()}


def test_overdue_and_due_soon_of_the_whole_desk_for_a_manager(boss: User, due_tickets: dict[str, Ticket]) -> None:
    factories.ticket(due_date=timezone.now() - 2 * DAY)
    desk = Desk(boss)
    page = desk.text(HOME)
    assert (vitals(page)["overdue"], vitals(page)["due in the next 3 days"]) == (3, 2)
    names = ["late", "a moment late", "soon", "just"]
    assert numbers(section(page, "due"))[1:] == [due_tickets[name].ticket_number for name in names]
    for count, href in [(3, "?overdue=1"), (2, "?due=soon")]:
        address = next(link for link in links(page) if href in link)
        assert len(numbers(desk.text(address))) == count


def test_overdue_and_due_soon_of_their_own_for_an_associate(author: User, due_tickets: dict[str, Ticket]) -> None:
    factories.ticket(due_date=timezone.now() - 2 * DAY)
    desk = Desk(author)
    page = desk.text(HOME)
    assert (vitals(page)["overdue"], vitals(page)["due in the next 3 days"]) == (2, 2)
    for href in ("overdue=1", "due=soon"):
        address = next(link for link in links(page) if href in link)
        assert len(numbers(desk.text(address))) == 2
    assert "Nothing is overdue or due" in Desk(factories.associate()).text(HOME)


# --- The exchange -------------------------------------------------------------------------------------------------


def cycle(finished: timedelta, state: str = "SUCCEEDED", by: User | None = None, **counts: int) -> Run:
    end = timezone.now() - finished
    over = state != "RUNNING"
    return Run.objects.create(
        kind="CYCLE", state=state, started_by=by, started_at=end, finished_at=end if over else None, heartbeat_at=end,
        host="h", pid=1, error="Connection refused" if state == "FAILED" else "",
        counts={"exported": 40, "updated": 26, "errors": 0} | counts if state == "SUCCEEDED" else {},
    )  # fmt: skip


def nightly(user: User) -> str:
    return words(section(Desk(user).text(HOME), "nightly"))


def test_the_exchange_before_its_first_night(boss: User, author: User) -> None:
    assert "The nightly job has not run yet." in nightly(boss)
    assert "What is approved goes out when a manager starts the exchange." in nightly(author)


def test_the_exchange_on_time(boss: User, author: User) -> None:
    cycle(30 * HOUR)
    cycle(5 * HOUR, errors=2)
    assert re.search(r"On time: last done 5 hours ago.*40 went out, 26 came back.*2 rows were wrong", nightly(boss))
    assert re.search(r"On time: last done 5 hours ago", nightly(author))
    assert "40 went out" not in nightly(author)


@pytest.mark.parametrize(("hours", "late"), [(25.9, False), (26.1, True)])
def test_the_exchange_is_late_after_26_hours(boss: User, hours: float, late: bool) -> None:
    cycle(timedelta(hours=hours))
    assert ("Late: last done" in nightly(boss)) == late


def test_a_cycle_by_hand_does_not_hide_that_the_nightly_job_stays_away(boss: User, author: User) -> None:
    cycle(50 * HOUR)
    cycle(HOUR, by=boss, exported=7)
    assert re.search(r"Late: last done 2 days ago.*run by Mia Reed 1 hour ago.*7 went out", nightly(boss))
    assert re.search("Late.*goes out later than usual", nightly(author))


def test_a_cycle_that_failed_or_runs(boss: User, author: User) -> None:
    cycle(50 * HOUR)
    cycle(2 * HOUR, "FAILED")
    assert re.search("Late: last done 2 days ago.*The last one failed 2 hours ago.*Connection refused", nightly(boss))
    assert "Connection refused" not in nightly(author)
    cycle(HOUR, "RUNNING")
    assert re.search("Late.*One is running, begun 1 hour ago", nightly(boss))


# --- How the desk is doing ----------------------------------------------------------------------------------------


def recomputed() -> dict[str, Any]:
    """The figures made anew from the whole history, by nothing but its entries."""
    by_ticket: dict[Any, list[HistoryEntry]] = {}
    for entry in HistoryEntry.objects.order_by("version"):
        by_ticket.setdefault(entry.ticket_id, []).append(entry)
    live = [entries for entries in by_ticket.values() if entries[-1].action != "deleted"]
    now = timezone.now()
    ages = [0, 0, 0, 0, 0]
    mix: dict[tuple[str, str], int] = {}
    for entries in live:
        severity = [entry.to_severity for entry in entries if entry.to_severity][-1]
        status = entries[-1].to_status
        mix[status, severity] = mix.get((status, severity), 0) + 1
        if status != "CLOSED":
            days = (now - entries[0].created_at).total_seconds() / 86_400
            ages[(days >= 1) + (days >= 7) + (days >= 30) + (days >= 90)] += 1
    created = [entries[0].created_at for entries in live]
    closed = [entry.created_at for entries in live for entry in entries if entry.to_status == "CLOSED"]
    return {"ages": ages, "mix": mix, "created": created, "closed": closed}


@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
def test_every_number_on_the_page_agrees_with_the_raw_history(role: str) -> None:
    with transaction.atomic():
        create_tickets(create_people(), 300)
    page = Desk(factories.person(role, time_zone="Pacific/Auckland")).text(HOME)
    expected = recomputed()

    weeks = table(page, "Tickets created and closed in each week")
    assert len(weeks) == 12
    begins = ends = timezone.now()
    for day, created, closed in weeks:
        begins = datetime.strptime(day, "%d %b %Y").replace(tzinfo=UTC)
        assert begins.isoweekday() == 1
        ends = begins + timedelta(days=7)
        assert int(created) == sum(begins <= moment < ends for moment in expected["created"])
        assert int(closed) == sum(begins <= moment < ends for moment in expected["closed"])
    assert begins <= timezone.now() < ends

    assert [int(row[-1]) for row in table(page, "Tickets that are not closed, by age")] == expected["ages"]

    statuses = {
        "Waiting for review": "DRAFT", "Sent back": "REVIEW", "Approved": "PENDING", "Being worked on": "OPEN",
        "Closed": "CLOSED",
    }  # fmt: skip
    rows = table(page, "Tickets by status and severity")
    assert [row[0] for row in rows] == list(statuses)
    for status, *counts in rows:
        for level, count in zip(["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"], counts, strict=True):
            assert int(count) == expected["mix"].get((statuses[status], level), 0)


def test_each_number_of_the_severities_leads_to_its_tickets(boss: User) -> None:
    create_tickets(create_people(), 60)
    desk = Desk(boss)
    counts = re.findall(r'<a href="(/desk/tickets/\?status=\w+&amp;severity=\w+)">(\d+)</a>', desk.text(HOME))
    assert len(counts) > 10
    for href, count in counts:
        assert f"{count} ticket" in words(desk.text(href.replace("&amp;", "&")))


def test_how_long_tickets_stay_in_words(boss: User) -> None:
    for hours in (3, 5, 90):
        ticket = ago(timedelta(hours=100))
        with time_machine.travel(ticket.created_at + timedelta(hours=hours), tick=False):
            actions.approve_ticket(factories.manager(), ticket.pk)
    rows = table(Desk(boss).text(HOME), "How long tickets stay in each status")
    assert [(row[0], *row[2:]) for row in rows] == [
        ("Waiting for review", "5 hours", "4 days", "3"),
        ("Sent back", "–", "–", "0"),
        ("Approved", "–", "–", "0"),
        ("Being worked on", "–", "–", "0"),
    ]


def test_nothing_on_the_page_needs_colour_script_or_inline_style(boss: User) -> None:
    create_tickets(create_people(), 60)
    page = Desk(boss).text(HOME)
    assert "style=" not in page
    assert page.count('<svg class="columns"') == 1
    # Three charts are tables themselves, the columns have theirs beside them.
    assert page.count('<table class="numbers') == 4


# --- What it costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("doublings", [0, 5])
def test_the_same_queries_with_300_and_with_10_000_tickets(
    doublings: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = create_people()
    create_tickets(people, 313)
    double_tickets(doublings)
    assert Ticket.objects.count() == {0: 313, 5: 10_016}[doublings]
    cycle(5 * HOUR)
    for user in (people.managers[0], people.associates[0]):
        desk = Desk(user)
        # Session and person; and of the page itself at most 13.
        with django_assert_num_queries(2 + (12 if user.is_manager else 13)):
            page = desk.text(HOME)
        assert "How the desk is doing" in page
