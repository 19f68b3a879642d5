"""The cycle: what it moves, that only one runs, and that a dead one stands in nobody's way."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from config.database.statistics import analyze
from csvsync.errors import CycleRunning, RunLost
from csvsync.exchange.cycle import run_cycle
from csvsync.imports.importer import import_statuses
from csvsync.models import Run
from csvsync.runs import ledger
from tests.support import factories
from tests.support.csv_files import break_history, counts, csv_file, imported_entries, status_of
from tests.support.cycles import running
from tests.support.patience import PATIENCE, wait_until
from tests.support.server import server_environment
from tickets.models import HistoryEntry, Ticket, TicketSequence

ROOT = Path(__file__).resolve().parents[2]


def pending_tickets(count: int) -> list[Ticket]:
    author, reviewer = factories.associate(), factories.manager()
    return [factories.ticket("PENDING", author=author, reviewer=reviewer) for _ in range(count)]


def thirds(tickets: list[Ticket]) -> dict[Any, str]:
    """The status into which one pass puts each ticket."""
    ranked = sorted(tickets, key=lambda ticket: sha256(str(ticket.pk).encode()).hexdigest())
    third = len(ranked) // 3
    targets = ["PENDING"] * third + ["OPEN"] * third + ["CLOSED"] * (len(ranked) - 2 * third)
    return {ticket.pk: target for ticket, target in zip(ranked, targets, strict=True)}


def statuses(tickets: list[Ticket]) -> dict[Any, str]:
    return dict(Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).values_list("pk", "status"))


@pytest.mark.django_db
def test_with_nothing_pending_it_succeeds_with_zeros() -> None:
    factories.ticket("OPEN")
    result = run_cycle(None)
    assert (result.exported, result.updated, result.skipped, result.errors, result.total) == (0, 0, 0, 0, 0)
    assert result.distribution == {"PENDING": 0, "OPEN": 0, "CLOSED": 0}
    assert Run.objects.get(kind="CYCLE").state == "SUCCEEDED"


@pytest.mark.django_db
def test_pending_tickets_are_spread_and_the_rest_is_left_alone() -> None:
    others = [factories.ticket(status) for status in ("DRAFT", "REVIEW", "OPEN", "CLOSED")]
    gone = factories.deleted(factories.ticket("DRAFT"))
    tickets = pending_tickets(10)
    expected = thirds(tickets)
    manager = factories.manager()
    result = run_cycle(manager)
    assert (result.exported, result.updated, result.skipped, result.errors, result.total) == (10, 7, 3, 0, 10)
    assert result.distribution == {"PENDING": 3, "OPEN": 3, "CLOSED": 4}
    assert statuses(tickets) == expected
    assert [status_of(ticket) for ticket in others] == ["DRAFT", "REVIEW", "OPEN", "CLOSED"]
    assert Ticket.objects.get(pk=gone.pk).deleted_at is not None
    for ticket in tickets:
        entries = imported_entries(ticket)
        assert [entry.to_status for entry in entries] == (
            [] if expected[ticket.pk] == "PENDING" else [expected[ticket.pk]]
        )
        assert {entry.user_id for entry in entries} <= {manager.pk}
    run = Run.objects.get(kind="CYCLE")
    assert (run.kind, run.state, run.started_by, run.error) == ("CYCLE", "SUCCEEDED", manager, "")
    assert (run.started_at, run.finished_at) == (result.started_at, result.finished_at)


@pytest.mark.django_db
def test_the_next_cycle_takes_only_what_is_left() -> None:
    tickets = pending_tickets(10)
    run_cycle(None)
    left = [ticket for ticket in tickets if status_of(ticket) == "PENDING"]
    done = [ticket for ticket in tickets if ticket not in left]
    before = statuses(done)
    result = run_cycle(None)
    assert (result.exported, result.updated, result.skipped) == (3, 2, 1)
    assert statuses(done) == before
    assert statuses(left) == thirds(left)
    assert {entry.user_id for ticket in tickets for entry in imported_entries(ticket)} == {None}


@pytest.mark.django_db
def test_the_main_job(long_run: bool) -> None:
    total, pending = (60_000, 50_000) if long_run else (500, 200)
    tickets = many_tickets(total, pending)
    waiting = tickets[:pending]
    expected = {ticket.pk: ticket.status for ticket in tickets[pending:]} | thirds(waiting)
    call_command("run_nightly")
    assert dict(Ticket.objects.values_list("pk", "status")) == expected
    moved = Counter(HistoryEntry.objects.filter(action="imported").values_list("ticket_id", "to_status"))
    third = pending // 3
    assert moved == Counter((pk, expected[pk]) for pk in (t.pk for t in waiting) if expected[pk] != "PENDING")
    assert len(moved) == pending - third
    call_command("run_nightly")
    assert HistoryEntry.objects.filter(action="imported").count() == pending - third + third - third // 3


def many_tickets(total: int, pending: int) -> list[Ticket]:
    """Tickets without their history, the first of them PENDING."""
    model = factories.ticket("PENDING")
    kept = {
        field.attname: getattr(model, field.attname) for field in Ticket._meta.concrete_fields if field.name != "id"
    }
    rest = ["DRAFT", "REVIEW", "OPEN", "CLOSED"]
    tickets = [model] + [
        Ticket(
            **kept
            | {
                "sequence": n,
                "ticket_number": f"TKT-{model.year}-{n:06d}",
                "status": "PENDING" if n <= pending else rest[n % 4],
            }
        )
        for n in range(2, total + 1)
    ]
    Ticket.objects.bulk_create(tickets[1:], batch_size=500)
    TicketSequence.objects.update(last_sequence=total)
    analyze(Ticket)
    return tickets


# --- One at a time ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_second_cycle_is_told_since_when_and_by_whom_one_runs() -> None:
    [ticket] = pending_tickets(1)
    manager = factories.manager(email="mia@example.com")
    run = running(started_by=manager)
    with pytest.raises(CycleRunning) as refused:
        run_cycle(None)
    assert refused.value.status == 409
    assert refused.value.code == "cycle_running"
    since = f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"
    expected = f"A cycle has been running since {since}, started by Mia. Try again when it is done."
    assert str(refused.value.message) == expected
    assert status_of(ticket) == "PENDING"
    Run.objects.update(started_by=None)
    with pytest.raises(CycleRunning, match="started by the nightly job"):
        run_cycle(manager)


@pytest.mark.django_db
def test_an_import_is_not_refused_while_a_cycle_runs() -> None:
    [ticket] = pending_tickets(1)
    running()
    report = import_statuses(csv_file(f"{ticket.pk},,OPEN"), user=factories.manager())
    assert counts(report) == (1, 0, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_that_start_at_once_one_begins() -> None:
    for _ in range(10):
        barrier = Barrier(2)
        outcomes: list[str] = []

        def begin(barrier: Barrier = barrier, outcomes: list[str] = outcomes) -> None:
            try:
                barrier.wait(PATIENCE)
                ledger.begin_cycle(None)
                outcomes.append("began")
            except CycleRunning:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [Thread(target=begin) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["began", "refused"]
        Run.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_apply_each_row_once() -> None:
    tickets = pending_tickets(40)
    lines = [f"{ticket.pk},,OPEN" for ticket in tickets]
    barrier = Barrier(2)
    reports: list[tuple[int, int, int, int]] = []

    def run_import(lines: list[str]) -> None:
        try:
            barrier.wait(PATIENCE)
            reports.append(counts(import_statuses(csv_file(*lines), user=None)))
        finally:
            connection.close()

    threads = [Thread(target=run_import, args=[order]) for order in (lines, lines[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reports) == [(0, 40, 0, 40), (40, 0, 0, 40)]
    assert HistoryEntry.objects.filter(action="imported").count() == 40


# --- Crashes ---------------------------------------------------------------------------------------------------------

BEGIN_AND_WAIT = """
import time, django
django.setup()
from csvsync.runs import ledger
ledger.begin_cycle(None)
print("running", flush=True)
time.sleep(60)
"""


@pytest.mark.django_db(transaction=True)
def test_a_cycle_whose_process_was_killed_is_replaced_at_once(database_url: str) -> None:
    environment = server_environment(database_url, DJANGO_SETTINGS_MODULE="config.settings")
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN_AND_WAIT], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"running\n"
    with pytest.raises(CycleRunning):
        run_cycle(None)
    process.kill()
    process.communicate()
    run_cycle(None)
    dead, done = Run.objects.filter(kind="CYCLE").order_by("started_at")
    assert (dead.state, dead.error) == ("FAILED", "The process ended before the run was done.")
    assert done.state == "SUCCEEDED"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "silent", "dead"),
    [
        ({}, timedelta(0), False),
        ({}, timedelta(minutes=1), False),
        ({}, timedelta(minutes=3), True),
        ({"host": "elsewhere"}, timedelta(minutes=1), False),
        ({"host": "elsewhere"}, timedelta(minutes=3), True),
        ({"host": "elsewhere", "pid": 4_000_000}, timedelta(minutes=1), False),
        ({"pid": 4_000_000}, timedelta(0), True),
        ({"process_started": 1}, timedelta(0), True),
        ({"process_started": None}, timedelta(minutes=1), False),
        ({"process_started": None}, timedelta(minutes=3), True),
    ],
    ids=range(10),
)
def test_a_running_cycle_is_replaced_only_once_it_is_dead(
    fields: dict[str, Any], silent: timedelta, dead: bool
) -> None:
    began = timezone.now() - timedelta(hours=1)
    run = running(started_at=began, **fields)
    Run.objects.update(heartbeat_at=timezone.now() - silent)
    if dead:
        run_cycle(None)
        run.refresh_from_db()
        assert run.state == "FAILED"
        assert run.error
    else:
        with pytest.raises(CycleRunning):
            run_cycle(None)
        run.refresh_from_db()
        assert run.state == "RUNNING"


@pytest.mark.django_db
def test_a_cycle_that_was_taken_for_dead_imports_nothing() -> None:
    [ticket] = pending_tickets(1)
    stalled = ledger.begin_cycle(None)
    Run.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    ledger.begin_cycle(None)
    with pytest.raises(RunLost, match="no sign of life"), transaction.atomic():
        import_statuses(csv_file(f"{ticket.pk},,OPEN"), user=None)
        ledger.finish(stalled)
    assert status_of(ticket) == "PENDING"
    assert Counter(Run.objects.values_list("state", flat=True)) == Counter(["FAILED", "RUNNING"])


@pytest.mark.django_db
def test_a_cycle_that_fails_is_marked_and_changes_nothing() -> None:
    tickets = pending_tickets(5)
    break_history()
    with pytest.raises(IntegrityError, match="broken"):
        run_cycle(None)
    assert set(statuses(tickets).values()) == {"PENDING"}
    run = Run.objects.get(kind="CYCLE")
    assert run.state == "FAILED"
    assert "broken" in run.error
    with pytest.raises(CommandError) as failed:
        call_command("run_nightly")
    assert failed.value.returncode == 1


@pytest.mark.django_db(transaction=True)
def test_a_running_cycle_shows_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "HEARTBEAT_SECONDS", 0.05)
    run = ledger.begin_cycle(None)
    with ledger.signs_of_life(run):
        wait_until(lambda: Run.objects.get().heartbeat_at != run.heartbeat_at)
    last = Run.objects.get().heartbeat_at
    time.sleep(0.2)
    assert Run.objects.get().heartbeat_at == last


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("run_kind_known", {"kind": "OTHER"}),
        ("run_state_known", {"state": "OTHER", "finished_at": "2999-01-01T00:00:00Z"}),
        ("run_finished_unless_running", {"finished_at": "2999-01-01T00:00:00Z"}),
        ("run_finished_unless_running", {"state": "SUCCEEDED"}),
        ("run_finished_after_start", {"state": "SUCCEEDED", "finished_at": "1999-01-01T00:00:00Z"}),
        ("run_failed_with_error", {"state": "FAILED", "finished_at": "2999-01-01T00:00:00Z"}),
        ("run_failed_with_error", {"error": "x"}),
    ],
    ids=range(7),
)
def test_the_database_keeps_runs_sound(constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        running(**fields)


@pytest.mark.django_db
def test_the_database_allows_one_running_cycle() -> None:
    first = running()
    # SQLite names the columns of a unique index, not its constraint.
    name = {"postgresql": "run_one_running_cycle", "sqlite": "csvsync_run.kind"}[connection.vendor]
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        running()
    with pytest.raises(IntegrityError, match="run_cycle_is_no_part"), transaction.atomic():
        running(cycle=first, state="SUCCEEDED", finished_at="2999-01-01T00:00:00Z")
    running(kind="IMPORT")
    running(kind="IMPORT", cycle=first)
