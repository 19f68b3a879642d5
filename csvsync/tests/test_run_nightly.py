"""`manage.py run_nightly`, as cron calls it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from csvsync.liveness import this_process
from csvsync.models import Run
from tests import factories
from tests.server import server_environment
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]


def run_nightly(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "run_nightly", *arguments],
        cwd=ROOT,
        env=server_environment(database_url, JWT_SECRET="", CRON_SECRET=""),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


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


def test_as_json_it_prints_the_result_and_nothing_else(database_url: str) -> None:
    for _ in range(3):
        factories.ticket("PENDING")
    done = run_nightly(database_url, "--json")
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


def test_it_ends_with_75_while_a_cycle_runs(database_url: str) -> None:
    factories.ticket("PENDING")
    process, now = this_process(), timezone.now()
    Run.objects.create(
        kind="CYCLE",
        started_at=now,
        heartbeat_at=now,
        host=process.host,
        pid=process.pid,
        process_started=process.started,
    )
    refused = run_nightly(database_url, "--json")
    assert refused.returncode == 75
    assert refused.stdout == ""
    assert "A cycle has been running since" in refused.stderr
    assert Ticket.objects.get().status == "PENDING"


def test_it_ends_with_2_on_wrong_usage(database_url: str) -> None:
    assert run_nightly(database_url, "--jsn-typo").returncode == 2


def test_it_ends_with_1_when_it_fails(tmp_path: Path) -> None:
    failed = run_nightly(f"sqlite:///{tmp_path}/empty.sqlite3")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "The cycle failed" in failed.stderr
