"""The nightly job on the demo desk: it moves exactly the right tickets, and a second run takes only what is left."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from tickets.models import HistoryEntry, Ticket


def after_a_night(statuses: dict[UUID, str]) -> dict[UUID, str]:
    """The status that each ticket has by contract: PENDING by thirds, in the order of the SHA-256 of their ids."""
    waiting = sorted(
        (pk for pk, status in statuses.items() if status == "PENDING"),
        key=lambda pk: sha256(str(pk).encode()).hexdigest(),
    )
    third = len(waiting) // 3
    moved = dict.fromkeys(waiting[third : 2 * third], "OPEN") | dict.fromkeys(waiting[2 * third :], "CLOSED")
    return statuses | moved


def statuses_now() -> dict[UUID, str]:
    return dict(Ticket.objects.values_list("pk", "status"))


@pytest.mark.django_db
def test_two_nights_on_the_demo_desk(settings: Any, long_run: bool) -> None:
    total = 20_000 if long_run else 1_000
    settings.DEMO = True
    call_command("demo", tickets=total)
    before = statuses_now()
    assert Counter(before.values())["PENDING"] >= total * 2 // 5
    known = set(HistoryEntry.objects.values_list("pk", flat=True))
    for _night in range(2):
        expected = after_a_night(before)
        call_command("run_nightly")
        assert statuses_now() == expected
        entries = [entry for entry in HistoryEntry.objects.all() if entry.pk not in known]
        assert Counter((e.ticket_id, e.action, e.from_status, e.to_status, e.user_id, e.reason) for e in entries) == (
            Counter(
                (pk, "imported", "PENDING", status, None, "csv import")
                for pk, status in expected.items()
                if status != before[pk]
            )
        )
        before = expected
        known |= {entry.pk for entry in entries}
