"""Triage quality as pages: every number by hand, recomputed from the raw history, and the tickets behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, html, links, words
from tickets import actions
from tickets.demo.people import create_people
from tickets.demo.tickets import create_tickets
from tickets.models import HistoryEntry, Ticket
from triage import ledger
from triage.models import Suggestion

pytestmark = pytest.mark.django_db
PAGE, CASES = "/desk/triage/", "/desk/triage/tickets/"
LEVELS = ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]


@pytest.fixture
def boss() -> User:
    return factories.manager()


@pytest.fixture
def desk(boss: User) -> Desk:
    return Desk(boss)


def case(
    suggested: str,
    chosen: str,
    decided: str | None = None,
    *,
    model: str | None = None,
    source: str | None = "HEURISTIC",
    when: datetime = datetime(2026, 3, 10, 12, tzinfo=UTC),
) -> Ticket:
    """A ticket for which `suggested` was suggested (without a source: known by the ticket only)."""
    with time_machine.travel(when, tick=False):
        author, reviewer = factories.associate(), factories.manager()
        ticket = actions.create_ticket(
            author, title="Blue", description="Green", due_date=when, severity=chosen,
            ai_suggested_severity=None if source else suggested,
        )  # fmt: skip
        if source:
            by = {"model": model, "server": "http://x/v1", "prompt_version": "1"} if source == "LLM" else {}
            ledger.record(
                Suggestion(
                    asked_by=author,
                    text_hash=ledger.text_hash("Blue", "Green"),
                    severity=suggested,
                    source=source,
                    latency_ms=7,
                    ticket=ticket,
                    matched_at=timezone.now(),
                    **by,
                )
            )
        if decided == chosen:
            actions.approve_ticket(reviewer, ticket.pk)
        elif decided:
            actions.change_severity(reviewer, ticket.pk, severity=decided, reason="r")
    return ticket


def table(page: str, caption: str) -> list[list[str]]:
    found = re.search(rf"<table[^>]*><caption[^>]*>{caption}</caption>.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    if not found:
        return []
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)
    cells = [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]
    return [[cell for cell in row if cell] for row in cells]


def confusion(page: str) -> list[list[int]]:
    rows = table(page, "Tickets by suggested and decided severity")
    assert [row[0] for row in rows] == ["Easy", "Low", "Medium", "High", "Very high"]
    return [[int(cell) for cell in row[1:]] for row in rows]


def numbers(page: str) -> list[str]:
    return re.findall(r'<a href="/desk/tickets/(TKT-[0-9-]+)/', page)


# --- Who, and what of nothing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PAGE, CASES])
def test_for_managers_only(path: str) -> None:
    answer = Desk(factories.associate()).get(path)
    assert answer.status_code == 403
    assert "This is not for you to do" in html(answer)
    assert Desk().get(path).headers["Location"] == f"/desk/login/?next={path}"
    assert PAGE not in links(Desk(factories.associate()).text("/desk/tickets/"))
    assert PAGE in links(Desk(factories.manager()).text("/desk/tickets/"))


def test_without_any_suggestion_the_page_says_why_it_is_empty(desk: Desk) -> None:
    assert "No ticket has come of a suggestion yet." in desk.text(PAGE)
    assert "No ticket with a suggestion fits this." in desk.text(CASES)


# --- By hand ------------------------------------------------------------------------------------------------------


def make_cases() -> None:
    case("MEDIUM", "MEDIUM", "MEDIUM", source="LLM", model="large")
    case("MEDIUM", "MEDIUM", "HIGH", source="LLM", model="large")
    case("MEDIUM", "LOW", "LOW", source="LLM", model="small", when=datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    case("HIGH", "HIGH", "HIGH", when=datetime(2026, 3, 1, tzinfo=UTC))
    case("HIGH", "LOW", None)
    case("EASY", "EASY", "VERY_HIGH", source=None)
    factories.deleted(case("EASY", "EASY"))


def test_the_confusion_table(desk: Desk) -> None:
    make_cases()
    assert confusion(desk.text(PAGE)) == [
        # EASY, LOW, MEDIUM, HIGH, VERY_HIGH, not decided, all
        [0, 0, 0, 0, 1, 0, 1],
        [0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 0, 0, 3],
        [0, 0, 0, 1, 0, 1, 2],
        [0, 0, 0, 0, 0, 0, 0],
    ]


def test_shares_by_source_model_and_month(desk: Desk) -> None:
    make_cases()
    page = desk.text(PAGE)
    vitals = words(re.search(r'<ul class="vitals".*?</ul>', page, re.DOTALL)[0])  # type: ignore[index]  # it is there
    assert vitals == (
        "6 tickets with a suggestion 67 % followed by authors"
        " 60 % of decisions kept the author’s level 40 % of decisions as suggested"
    )
    # tickets, followed, decided, kept, ended as suggested
    assert table(page, "Source") == [
        ["Language model", "3", "67 % ( 2 )", "3", "67 % ( 2 )", "33 % (1)"],
        ["Heuristic", "2", "50 % ( 1 )", "1", "100 % ( 1 )", "100 % (1)"],
        ["Not in the ledger", "1", "100 % ( 1 )", "1", "0 % (0)", "0 % (0)"],
    ]
    assert table(page, "Model") == [
        ["large", "2", "100 % ( 2 )", "2", "50 % ( 1 )", "50 % (1)"],
        ["small", "1", "0 % (0)", "1", "100 % ( 1 )", "0 % (0)"],
    ]
    assert table(page, "Month") == [
        ["2026-03", "5", "80 % ( 4 )", "4", "50 % ( 2 )", "50 % (2)"],
        ["2026-02", "1", "0 % (0)", "1", "100 % ( 1 )", "0 % (0)"],
    ]


def test_months_are_utc_whatever_the_persons_time_zone() -> None:
    case("LOW", "LOW", when=datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    page = Desk(factories.manager(time_zone="Pacific/Auckland")).text(PAGE)
    assert [row[0] for row in table(page, "Month")] == ["2026-02"]


def test_the_page_can_be_narrowed_and_widened_again(desk: Desk) -> None:
    make_cases()
    page = desk.text(f"{PAGE}?source=LLM&month=2026-03")
    assert sum(row[-1] for row in confusion(page)) == 2
    assert "<span>language model</span>" in page
    assert {"?month=2026-03", "?source=LLM"} <= set(links(page))
    assert sum(row[-1] for row in confusion(desk.text(f"{PAGE}?source=NONE"))) == 1
    assert "No ticket came of such a suggestion." in desk.text(f"{PAGE}?model=other")


@pytest.mark.parametrize("query", ["source=ORACLE", "month=2026-13", "month=03", "model=%00"])
def test_a_query_that_makes_no_sense_is_explained(desk: Desk, query: str) -> None:
    for path in (PAGE, CASES):
        answer = desk.get(f"{path}?{query}")
        assert answer.status_code == 400
        assert f"<code>{query.partition('=')[0]}</code>" in html(answer)


@pytest.mark.parametrize("query", ["suggested=x", "decided=x", "followed=1", "kept=1", "page=0", "page=x"])
def test_a_list_that_makes_no_sense_is_explained(desk: Desk, query: str) -> None:
    assert desk.get(f"{CASES}?{query}").status_code == 400


def test_speed_and_failures(desk: Desk) -> None:
    case("LOW", "LOW")
    for reason, milliseconds in (("timeout", 2500), ("timeout", 2500), ("resting", 1)):
        ledger.record(
            Suggestion(text_hash="x", severity="LOW", source="HEURISTIC", fallback=reason, latency_ms=milliseconds)
        )
    page = desk.text(PAGE)
    assert table(page, "How fast suggestions are") == [["Heuristic", "4", "2500 ms", "2500 ms"]]
    assert "no answer in time 2×, left alone after failures 1×" in words(page)


# --- The tickets behind a number ----------------------------------------------------------------------------------


def test_the_tickets_behind_a_cell(desk: Desk) -> None:
    wanted = [
        case("MEDIUM", chosen, "HIGH", source=source) for chosen, source in (("LOW", None), ("MEDIUM", "HEURISTIC"))
    ]
    case("MEDIUM", "HIGH", None)
    case("MEDIUM", "LOW", "LOW")
    case("HIGH", "MEDIUM", "HIGH")
    page = desk.text(f"{CASES}?suggested=MEDIUM&decided=HIGH")
    assert numbers(page) == [ticket.ticket_number for ticket in reversed(wanted)]
    row = re.search(r"<tr data-ticket>(.*?)</tr>", page, re.DOTALL)
    assert row
    assert [words(cell) for cell in re.findall(r'<td class="level">(.*?)</td>', row[1], re.DOTALL)] == [
        "Suggested Medium", "Author Medium", "Manager High",
    ]  # fmt: skip


def test_pages_of_the_tickets_behind_a_cell(desk: Desk) -> None:
    made = [case("LOW", "LOW").ticket_number for _ in range(5)][::-1]
    text = ""
    for page, shown in {1: made[:2], 2: made[2:4], 3: made[4:], 4: []}.items():
        text = desk.text(f"{CASES}?suggested=LOW&pageSize=2&page={page}")
        assert numbers(text) == shown
        if shown:
            assert f"Page {page} of 3, 5 tickets" in words(text)
    assert "The list ends before this page." in text


def test_every_number_leads_to_as_many_tickets(desk: Desk) -> None:
    make_cases()
    for narrowed in ("", "?source=LLM", "?month=2026-03"):
        page = desk.text(f"{PAGE}{narrowed}")
        counts = re.findall(rf'<a href="({CASES}[^"]*)">(\d+)</a>', page)
        assert len(counts) > 15
        for href, count in counts:
            assert len(numbers(desk.text(unescape(href)))) == int(count), href


# --- Recomputed ---------------------------------------------------------------------------------------------------


def recomputed() -> list[dict[str, Any]]:
    """What became of each ticket that came of a suggestion, by its history and the ledger."""
    suggestions = {made.ticket_id: made for made in Suggestion.objects.exclude(ticket=None)}
    by_ticket: dict[Any, list[HistoryEntry]] = {}
    for entry in HistoryEntry.objects.order_by("version"):
        by_ticket.setdefault(entry.ticket_id, []).append(entry)
    found = []
    for ticket in Ticket.objects.all():
        entries, made = by_ticket[ticket.pk], suggestions.get(ticket.pk)
        suggested = made.severity if made else ticket.ai_suggested_severity
        if suggested is None or entries[-1].action == "deleted":
            continue
        levels = [entry.to_severity for entry in entries if entry.to_severity]
        decided = any(entry.action in ("approved", "severity_changed") for entry in entries)
        found.append(
            {
                "suggested": suggested,
                "chosen": levels[0],
                "decided": levels[-1] if decided else None,
                "source": made.source if made else None,
                "model": made.model if made else None,
                "month": entries[0].created_at.astimezone(UTC).strftime("%Y-%m"),
            }
        )
    return found


def shares(rows: list[dict[str, Any]], name: Callable[[dict[str, Any]], Any]) -> dict[str, list[str]]:
    def share(part: int, whole: int) -> str:
        return (f"{round(100 * part / whole)} %" if whole else "–") + (f" ({part})" if part == 0 else f" ( {part} )")

    found = {}
    for key in {name(row) for row in rows}:
        group = [row for row in rows if name(row) == key]
        decided = [row for row in group if row["decided"]]
        as_suggested = share(sum(row["decided"] == row["suggested"] for row in decided), len(decided))
        found[key] = [
            str(len(group)),
            share(sum(row["chosen"] == row["suggested"] for row in group), len(group)),
            str(len(decided)),
            share(sum(row["decided"] == row["chosen"] for row in decided), len(decided)),
            as_suggested.replace("( ", "(").replace(" )", ")"),
        ]
    return found


def test_every_figure_agrees_with_the_raw_history_of_the_demo(desk: Desk) -> None:
    create_tickets(create_people(), 400)
    tickets = list(Ticket.objects.order_by("sequence"))
    for number, ticket in enumerate(tickets):
        if number % 3 == 0:
            continue
        by = {"model": f"m{number % 2}", "server": "s", "prompt_version": "1"} if number % 3 == 1 else {}
        Suggestion.objects.create(
            created_at=ticket.created_at, asked_by=ticket.created_by, text_hash="x", latency_ms=1, ticket=ticket,
            severity=LEVELS[(number * 7) % 5], source="LLM" if by else "HEURISTIC", matched_at=ticket.created_at, **by,
        )  # fmt: skip
    rows = recomputed()
    assert len(rows) > 300
    page = desk.text(PAGE)
    cells = Counter((row["suggested"], row["decided"]) for row in rows)
    assert confusion(page) == [
        [*(cells[made, level] for level in LEVELS), cells[made, None], sum(row["suggested"] == made for row in rows)]
        for made in LEVELS
    ]
    names = {"LLM": "Language model", "HEURISTIC": "Heuristic", None: "Not in the ledger"}
    expected = {
        "Source": shares(rows, lambda row: names[row["source"]]),
        "Model": shares([row for row in rows if row["model"]], lambda row: row["model"]),
        "Month": shares(rows, lambda row: row["month"]),
    }
    for caption, by_key in expected.items():
        assert {row[0]: row[1:] for row in table(page, caption)} == by_key, caption


def test_queries_do_not_grow_with_the_ledger(desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for size in (1, 3):
        for _ in range(size):
            case("LOW", "LOW", "MEDIUM")
        with django_assert_num_queries(2 + 1 + 1 + 2 + 4):  # session and person; unread; views; matching; figures
            desk.text(PAGE)
        with django_assert_num_queries(2 + 1 + 1 + 2 + 4 + 1):
            desk.text(CASES)
