"""The exchange with the external system from end to end: export, process, import."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from django.db import transaction

from accounts.models import User
from csvsync import ledger
from csvsync.exporter import export_pending
from csvsync.importer import ImportReport, import_statuses
from csvsync.models import Run
from csvsync.processors import Simulation
from tickets.workflow import IMPORT_STATUSES

log = logging.getLogger(__name__)

IN_MEMORY = 4_000_000  # bytes of a file, before it moves to the disk


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a cycle did. `distribution` counts the rows that came back, by status."""

    exported: int
    distribution: Mapping[str, int]
    updated: int
    skipped: int
    errors: int
    total: int
    started_at: datetime
    finished_at: datetime

    @classmethod
    def of(cls, run: Run) -> RunResult:
        """From a cycle that succeeded."""
        return cls(**run.counts, started_at=run.started_at, finished_at=run.finished_at or run.started_at)


def run_cycle(user: User | None) -> RunResult:
    """Export what is PENDING, have it processed, and import the answer; `user` is None for the nightly job.

    With nothing PENDING it succeeds with zeros. Raises CycleRunning while another cycle runs. A cycle that ends in any
    other error, or whose process dies, has imported everything or nothing.
    """
    run = ledger.begin_cycle(user)
    log.info("Cycle %s began.", run.pk)
    try:
        with ledger.signs_of_life(run), _file() as exported, _file() as processed:
            return _exchange(run, user, exported, processed)
    except BaseException as error:
        ledger.fail(run, error)
        raise


def _exchange(run: Run, user: User | None, exported: IO[bytes], processed: IO[bytes]) -> RunResult:
    export = export_pending()
    exported.writelines(export)
    log.info("Exported %d tickets.", export.rows)
    distribution = {status.value: 0 for status in IMPORT_STATUSES}
    if export.rows:
        answer = Simulation(exported)
        processed.writelines(answer)
        distribution = answer.distribution
        log.info("Processed: %s.", ", ".join(f"{count} {status}" for status, count in distribution.items()))
    with transaction.atomic():
        report = import_statuses(processed, user=user) if export.rows else ImportReport()
        run.counts = {
            "exported": export.rows,
            "distribution": distribution,
            "updated": report.updated,
            "skipped": report.skipped,
            "errors": report.errors_count,
            "total": report.total,
        }
        # In the same transaction: a cycle that has imported never counts as unfinished, to be done once more.
        ledger.finish(run)
    log.info("Imported: %d updated, %d skipped, %d errors.", report.updated, report.skipped, report.errors_count)
    return RunResult.of(run)


def _file() -> IO[bytes]:
    return SpooledTemporaryFile(max_size=IN_MEMORY)
