"""Takes the README's pictures, of the demo data; started by tests/browser/screenshots.py as a test."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import override_settings

from accounts.models import User
from tests.browser.screenshots import FOLDER
from tests.browser.smaller_pictures import with_palette
from tests.browser.visits import Visit
from tickets.demo.people import MANAGER
from tickets.models import Ticket

WIDTH = 1440
HEIGHTS = {"home": 1170, "list": 820, "ticket": 820}


def test_take_the_readmes_pictures(visit: Visit, live_server: Any) -> None:
    with override_settings(DEMO=True):
        call_command("demo")
    boss = User.objects.get(email=MANAGER)
    page = visit(boss)
    for name, address in {"home": "/desk/", "list": "/desk/tickets/", "ticket": ticket_to_show(boss)}.items():
        page.set_viewport_size({"width": WIDTH, "height": HEIGHTS[name]})
        page.goto(address)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            path = Path(os.environ[FOLDER]) / f"{name}-{theme}.png"
            path.write_bytes(with_palette(page.screenshot()))


def ticket_to_show(boss: User) -> str:
    """One that waits for a review and has come a long way."""
    waiting = Ticket.objects.awaiting_review_by(boss).filter(ai_suggested_severity__isnull=False)
    ticket = waiting.order_by("-version", "-severity", "-sequence")[0]
    return f"/desk/tickets/{ticket.ticket_number}/?list=awaiting%3Dme%26sort%3Dnumber&at=1"
