"""What a cycle is doing can be read in its run by anybody, and a cycle can be started without waiting for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage
from django.db import IntegrityError
from django.test import override_settings

from config import settings
from csvsync.errors import CycleRunning, RunLost
from csvsync.exchange.cycle import run_cycle, start_cycle
from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.csv_files import break_history, status_of
from tests.support.cycles import running
from tests.support.patience import PATIENCE

type Seen = list[tuple[str, dict[str, Any]]]
seen: Seen = []
held = Event()


class WatchfulStorage(InMemoryStorage):
    """Notes what the running cycle says of itself whenever a file is kept; `meanwhile` happens at that moment."""

    meanwhile: Callable[[], object] = held.is_set

    def save(self, name: Any, content: Any, max_length: Any = None) -> str:
        cycle = Run.objects.get(kind="CYCLE", state="RUNNING")
        seen.append((cycle.phase, cycle.counts))
        type(self).meanwhile()
        return super().save(name, content, max_length)


class HoldingStorage(WatchfulStorage):
    """Waits until it is let go."""

    meanwhile = held.wait


class RobbingStorage(WatchfulStorage):
    """Takes the cycle for dead."""

    @staticmethod
    def meanwhile() -> object:
        return Run.objects.filter(kind="CYCLE").update(state="FAILED", error="lost", finished_at="2999-01-01T00:00Z")


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()
    held.clear()


def kept_by(storage: type[WatchfulStorage]) -> Any:
    name = f"{storage.__module__}.{storage.__qualname__}"
    return override_settings(STORAGES={**settings.STORAGES, "csv": {"BACKEND": name}})


@pytest.mark.django_db
def test_the_phase_and_the_count_are_told_while_the_cycle_runs() -> None:
    for _ in range(4):
        factories.ticket("PENDING")
    with kept_by(WatchfulStorage):
        run_cycle(None)
    assert seen == [("EXPORTING", {}), ("IMPORTING", {"exported": 4})]
    cycle = Run.objects.get(kind="CYCLE")
    assert (cycle.state, cycle.phase) == ("SUCCEEDED", "")


@pytest.mark.django_db
def test_a_failed_cycle_keeps_the_phase_in_which_it_failed() -> None:
    manager = factories.manager()
    factories.ticket("PENDING")
    break_history()
    with pytest.raises(IntegrityError):
        run_cycle(None)
    cycle = Run.objects.get(kind="CYCLE")
    assert (cycle.state, cycle.phase, cycle.counts) == ("FAILED", "IMPORTING", {"exported": 1})
    told = ApiClient(manager).get(f"/csv/runs/{cycle.pk}").json()
    assert told["phase"] == "IMPORTING"
    assert {part["phase"] for part in told["parts"]} == {""}


@pytest.mark.django_db
def test_a_cycle_that_was_taken_for_dead_stops_before_the_external_system_is_asked() -> None:
    ticket = factories.ticket("PENDING")
    with kept_by(RobbingStorage), pytest.raises(RunLost):
        run_cycle(None)
    assert status_of(ticket) == "PENDING"
    assert not Run.objects.filter(kind="PROCESS").exists()
    assert Run.objects.get(kind="CYCLE").error == "lost"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("run_phase_known", {"phase": "RESTING"}),
        ("run_phase_of_unfinished_cycle", {"phase": "IMPORTING", "kind": "IMPORT"}),
        (
            "run_phase_of_unfinished_cycle",
            {"phase": "IMPORTING", "state": "SUCCEEDED", "finished_at": "2999-01-01T00:00:00Z"},
        ),
    ],
    ids=range(3),
)
def test_the_database_keeps_phases_sound(constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        running(**fields)


@pytest.mark.django_db(transaction=True)
def test_a_cycle_that_is_started_goes_on_by_itself() -> None:
    manager = factories.manager()
    ticket = factories.ticket("PENDING")
    with kept_by(HoldingStorage):
        run = start_cycle(manager)
        assert Run.objects.get(pk=run.pk).state == "RUNNING"
        with pytest.raises(CycleRunning):
            start_cycle(manager)
        held.set()
        assert ended(run).state == "SUCCEEDED"
    assert status_of(ticket) == "CLOSED"
    assert Run.objects.get(pk=run.pk).started_by == manager


@pytest.mark.django_db(transaction=True)
def test_a_cycle_that_fails_by_itself_says_so_in_its_run() -> None:
    factories.ticket("PENDING")
    with override_settings(CSV_PROCESSOR="http://127.0.0.1:1/closed", CSV_PROCESSOR_TIMEOUT=settings.JWT_LIFETIME * 0):
        run = ended(start_cycle(factories.manager()))
    assert (run.state, run.phase) == ("FAILED", "PROCESSING")
    assert "The external system did not do its part" in run.error


def ended(run: Run) -> Run:
    """The run, once the thread that carries it out is gone."""
    for thread in threading.enumerate():
        if thread.name == "cycle":
            thread.join(PATIENCE)
            assert not thread.is_alive()
    return Run.objects.get(pk=run.pk)
