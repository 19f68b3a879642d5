"""`manage.py run_nightly`, as cron calls it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csvsync.models import Run
from tests.support import factories
from tests.support.csv_files import everything
from tests.support.cycles import running
from tests.support.fakes.external_system import answers, closes_all, external_system
from tests.support.managepy import Nursery, nursery
from tests.support.programs import run_nightly
from tests.support.server import server_environment
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

type Nightly = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def loaded(database_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Commands with an environment as cron's, of processes that have the product loaded."""
    environment = server_environment(database_address, JWT_SECRET="", CRON_SECRET="")
    with nursery(environment, tmp_path_factory.mktemp("nightly")) as commands:
        yield commands


@pytest.fixture
def nightly(transactional_db: None, loaded: Nursery) -> Nightly:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(arguments, *loaded.run("run_nightly", *arguments))

    return run


def test_it_prints_a_summary_and_logs_each_phase(database_url: str) -> None:
    for _ in range(4):
        factories.ticket("PENDING")
    done = run_nightly(database_url)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"Exported:  4 PENDING tickets\n"
        r"Processed: 1 PENDING, 1 OPEN, 2 CLOSED\n"
        r"Imported:  3 updated, 1 skipped, 0 errors\n"
        r"Done in \d+\.\d s\.\n",
        done.stdout,
    )
    assert [word for word in ("Exported", "Processed", "Imported") if word in done.stderr] == [
        "Exported",
        "Processed",
        "Imported",
    ]


def test_as_json_it_prints_the_result_and_nothing_else(nightly: Nightly) -> None:
    for _ in range(3):
        factories.ticket("PENDING")
    done = nightly("--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    times = result.pop("timestamps")
    assert result == {
        "exportedCount": 3,
        "processedDistribution": {"PENDING": 1, "OPEN": 1, "CLOSED": 1},
        "importResult": {"updatedCount": 2, "skippedCount": 1, "errorsCount": 0, "totalRows": 3},
    }
    assert set(times) == {"startedAt", "finishedAt"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment) for moment in times.values())


def test_it_ends_with_75_while_a_cycle_runs(nightly: Nightly) -> None:
    factories.ticket("PENDING")
    running()
    refused = nightly("--json")
    assert refused.returncode == 75
    assert refused.stdout == ""
    assert "A cycle has been running since" in refused.stderr
    assert Ticket.objects.get().status == "PENDING"


def test_it_ends_with_2_on_wrong_usage(nightly: Nightly) -> None:
    assert nightly("--jsn-typo").returncode == 2
    assert nightly("--key", "x" * 256).returncode == 2
    assert not Run.objects.exists()


def test_with_a_key_it_is_done_once(nightly: Nightly) -> None:
    for _ in range(3):
        factories.ticket("PENDING")
    first, again = (nightly("--json", "--key", "2026-11-24") for _ in range(2))
    assert (first.returncode, again.returncode) == (0, 0)
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert Run.objects.filter(kind="CYCLE").count() == 1
    told = nightly("--key", "2026-11-24")
    done_at = f"{Run.objects.get(kind='CYCLE').finished_at:%Y-%m-%d %H:%M:%S} UTC"
    assert told.returncode == 0
    assert done_at in told.stdout
    assert "nothing was done now" in told.stdout
    assert "Exported" not in told.stdout


def test_a_dry_run_tells_what_the_real_one_then_does_and_changes_nothing(nightly: Nightly) -> None:
    for _ in range(10):
        factories.ticket("PENDING")
    before = everything()
    dry = json.loads(nightly("--json", "--dry-run").stdout)
    assert everything() == before
    assert not Run.objects.exists()
    real = json.loads(nightly("--json").stdout)
    assert everything() != before
    assert dry.pop("timestamps")
    assert real.pop("timestamps")
    assert dry == real


@pytest.mark.one_database
def test_a_dry_run_stops_before_an_external_system_is_asked(database_url: str) -> None:
    factories.ticket("PENDING")
    with external_system(closes_all) as system:
        dry = run_nightly(database_url, "--dry-run", CSV_PROCESSOR=system.url)
    assert dry.stdout.splitlines() == [
        "Exported:  1 PENDING tickets",
        "The external system is not asked in a dry run.",
        "Nothing was changed.",
    ]
    assert system.received == []


@pytest.mark.one_database
def test_progress_is_shown_on_a_terminal_and_not_in_a_log(nightly: Nightly, database_url: str) -> None:
    factories.ticket("PENDING")
    assert "\x1b" not in nightly("--dry-run").stderr
    factories.ticket("PENDING")
    terminal, inside = pty.openpty()
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        done = run_nightly(database_url, stderr=inside)
        os.close(inside)
        shown = screen.read(10_000).decode()
    assert done.returncode == 0
    assert [words for words in ("Exporting", "Processing 2 tickets", "Importing") if f"\x1b[K{words}" in shown] == [
        "Exporting",
        "Processing 2 tickets",
        "Importing",
    ]
    assert "Exporting" not in done.stdout


@pytest.mark.one_database
def test_it_ends_with_1_when_it_fails(tmp_path: Path) -> None:
    failed = run_nightly(f"sqlite:///{tmp_path}/empty.sqlite3")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "The cycle failed" in failed.stderr


@pytest.mark.one_database
def test_where_the_database_does_not_answer_the_watchdog_is_told(tmp_path: Path) -> None:
    with external_system(answers(b"OK")) as system:
        failed = run_nightly(f"sqlite:///{tmp_path}/no/such/folder/desk.sqlite3", CRON_PING_URL=system.url)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "The cycle failed: unable to open database file" in failed.stderr
    assert [received.path for received in system.received] == ["/decide/fail"]
