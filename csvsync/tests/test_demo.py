"""The ledger of runs of demo tickets, where their history is an unusual one."""

from __future__ import annotations

import pytest
import time_machine

from csvsync.demo import create_runs
from csvsync.models import Run
from tests.support import factories


@pytest.mark.django_db
def test_what_is_approved_while_a_cycle_runs_is_not_in_its_export() -> None:
    with time_machine.travel("2026-03-01T12:00Z", tick=False):
        draft = factories.ticket()
    with time_machine.travel("2026-03-02T02:15:01Z", tick=False):
        factories.advance(draft, "PENDING")
    with time_machine.travel("2026-03-03T12:00Z", tick=False):
        create_runs()
    cycles = Run.objects.filter(kind="CYCLE").order_by("started_at")
    assert [(cycle.started_at.isoformat()[:19], cycle.counts["exported"]) for cycle in cycles] == [
        ("2026-03-01T02:15:00", 0),
        ("2026-03-02T02:15:00", 0),
        ("2026-03-03T02:15:00", 1),
    ]
