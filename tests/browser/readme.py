"""Takes the README's pictures, of the demo data; started by tests/browser/screenshots.py as a test."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from csvsync import ledger
from csvsync.models import Run
from tests.browser.conftest import Visit
from tests.browser.png import with_palette
from tests.browser.screenshots import FOLDER
from tickets.demo import MANAGER
from tickets.models import Ticket

WIDTH = 1440
HEIGHTS = {"home": 1170, "list": 820, "ticket": 820}


def test_take_the_readmes_pictures(visit: Visit, live_server: Any) -> None:
    with override_settings(DEMO=True):
        call_command("demo")
    boss = User.objects.get(email=MANAGER)
    after_a_good_night()
    page = visit(boss)
    for name, address in {"home": "/desk/", "list": "/desk/tickets/", "ticket": ticket_to_show(boss)}.items():
        page.set_viewport_size({"width": WIDTH, "height": HEIGHTS[name]})
        page.goto(address)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            path = Path(os.environ[FOLDER]) / f"{name}-{theme}.png"
            path.write_bytes(with_palette(page.screenshot()))


def after_a_good_night() -> None:
    """A nightly exchange some hours ago. (One that ran now would close a month's worth of tickets on one day.)"""
    cycle = ledger.begin_cycle(None)
    cycle.counts = {
        "exported": 31, "distribution": {"PENDING": 10, "OPEN": 10, "CLOSED": 11},
        "updated": 21, "skipped": 10, "errors": 0, "total": 31, "unreturned": 0,
    }  # fmt: skip
    ledger.finish(cycle)
    night = timezone.now() - timedelta(hours=7)
    Run.objects.update(started_at=night, finished_at=night + timedelta(seconds=2))


def ticket_to_show(boss: User) -> str:
    """One that waits for a review and has come a long way."""
    waiting = Ticket.objects.awaiting_review_by(boss).filter(ai_suggested_severity__isnull=False)
    ticket = waiting.order_by("-version", "-severity", "-sequence")[0]
    return f"/desk/tickets/{ticket.ticket_number}/?list=awaiting%3Dme%26sort%3Dnumber&at=1"
