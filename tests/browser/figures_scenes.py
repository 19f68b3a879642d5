"""Home and triage quality: a desk with a past, an exchange on time, late and failed, and suggestions of all kinds."""

from __future__ import annotations

from datetime import datetime, timedelta

import time_machine
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from csvsync.models import Run
from tests.browser.scenes import scene, simple
from tests.browser.stage import LONG_TITLE, Stage
from tests.browser.visits import forget_shifts
from tests.support import factories
from tickets.models import Ticket
from triage.models import Suggestion

LEVELS = ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
STATUSES = ["CLOSED", "CLOSED", "OPEN", "PENDING", "CLOSED", "REVIEW", "DRAFT"]
WEEKS = 14
LONG_MODEL = "corporate-gateway/severity-classifier-v3-instruct-2026-09-30-with-a-rather-long-name"
LONG_ERROR = (
    "ProcessorFailed: The external system did not answer within 15 minutes: HTTPSConnectionPool(host="
    "'stoerungsannahme.rechenzentrum.example.com', port=443): Read timed out."
)


def give_a_past(stage: Stage) -> None:
    """Tickets of the last months, more from week to week, and what was suggested for them. Once is enough."""
    if Suggestion.objects.filter(source="LLM").exists():
        return
    now = timezone.now()
    for week in reversed(range(WEEKS)):
        for n in range(3 + (WEEKS - week) // 3):
            created = now - timedelta(weeks=week, hours=100 - 9 * n)
            with at(created):
                ticket = factories.ticket(
                    author=stage.author,
                    title=LONG_TITLE if n in (0, 4) else f"Forklift {week}.{n} stops at the gate",
                    severity=LEVELS[(2 * week + n) % 4],
                    due_date=created + timedelta(weeks=2),
                )
            suggest(ticket, n)
            take_on(ticket, STATUSES[(week + n) % len(STATUSES)], created, stage.manager, hours=3 + 2 * n)


def take_on(ticket: Ticket, status: str, created: datetime, reviewer: User, *, hours: float) -> None:
    """Take a ticket to this status, step by step."""
    with at(created + timedelta(hours=hours)):
        if status in ("DRAFT", "REVIEW"):
            factories.advance(ticket, status, reviewer=reviewer)
            return
        ticket = factories.advance(ticket, "PENDING", reviewer=reviewer)
    for number, step in enumerate(["OPEN", status] if status == "CLOSED" else [status], 1):
        if ticket.status != step:
            with at(created + timedelta(hours=hours + 13 * number)):
                ticket = factories.import_status(ticket, step)


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def suggest(ticket: Ticket, n: int) -> None:
    by = {"model": ("gpt-4o-mini", LONG_MODEL)[n % 2], "server": "https://api.example.com/v1", "prompt_version": "1"}
    Suggestion.objects.create(
        created_at=ticket.created_at,
        asked_by=ticket.created_by,
        text_hash=str(n),
        severity=ticket.severity if n % 3 else LEVELS[n % 5],
        source="LLM" if n % 4 else "HEURISTIC",
        fallback=None if n % 4 else "timeout",
        latency_ms=900 + n if n % 4 else 2503,
        ticket=ticket,
        matched_at=ticket.created_at,
        **(by if n % 4 else {}),
    )


def exchanged(ago: timedelta, state: str = "SUCCEEDED") -> None:
    """A nightly cycle that ended so long ago, and none before or after it."""
    Run.objects.cycles().filter(started_by=None).delete()
    end = timezone.now() - ago
    Run.objects.create(
        kind="CYCLE",
        state="SUCCEEDED",
        started_at=end,
        finished_at=end,
        heartbeat_at=end,
        host="h",
        pid=1,
        counts={"exported": 44, "updated": 29, "errors": 1},
    )
    if state == "FAILED":
        late = timezone.now() - timedelta(hours=9)
        Run.objects.create(
            kind="CYCLE",
            state="FAILED",
            started_at=late,
            finished_at=late,
            heartbeat_at=late,
            host="h",
            pid=1,
            error=LONG_ERROR,
        )


simple("home-of-somebody-new", "newcomer", "/desk/")
simple("triage-empty", "manager", "/desk/triage/?model=nobody")
simple("triage-tickets-empty", "manager", "/desk/triage/tickets/?suggested=EASY&decided=VERY_HIGH")
simple("triage-forbidden", "author", "/desk/triage/")


@scene("manager")
def home_with_a_past(page: Page, stage: Stage) -> None:
    give_a_past(stage)
    exchanged(timedelta(hours=5))
    page.goto("/desk/")


@scene("manager")
def home_numbers_open(page: Page, stage: Stage) -> None:
    give_a_past(stage)
    page.goto("/desk/")
    page.get_by_text("Numbers", exact=True).click()
    page.get_by_role("columnheader", name="Week from Monday").wait_for()
    forget_shifts(page)


@scene("manager")
def home_exchange_failed(page: Page, stage: Stage) -> None:
    exchanged(timedelta(days=3), "FAILED")
    page.goto("/desk/")


@scene("author")
def home_of_an_associate(page: Page, stage: Stage) -> None:
    give_a_past(stage)
    exchanged(timedelta(hours=5))
    page.goto("/desk/")


@scene("author")
def home_of_an_associate_exchange_late(page: Page, stage: Stage) -> None:
    exchanged(timedelta(days=3))
    page.goto("/desk/")


@scene("manager")
def triage(page: Page, stage: Stage) -> None:
    give_a_past(stage)
    page.goto("/desk/triage/")


@scene("manager")
def triage_narrowed(page: Page, stage: Stage) -> None:
    give_a_past(stage)
    page.goto("/desk/triage/")
    page.get_by_role("link", name="Language model").click()
    page.get_by_role("link", name="Take away: language model").wait_for()


@scene("manager")
def triage_tickets(page: Page, stage: Stage) -> None:
    give_a_past(stage)
    page.goto("/desk/triage/tickets/?source=LLM&pageSize=12&page=2")
