"""The exchange's part of an audit: what runs say against what history says, and the files that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from config import clock
from config.audit.findings import Finding, Scope
from config.errors import StorageUnavailable
from config.folders import fingerprint
from csvsync.errors import FileNotKept
from csvsync.models import Run
from csvsync.runs import storage
from csvsync.runs.retention import DRY_RUNS_KEPT

COMPARE = "Something other than this product has changed the ledger, the history or the file: compare with a backup."
MISSING = "See that CSV_STORAGE is that of the server. If it is, files were taken away: look in a backup."
UNREACHABLE = "See that CSV_STORAGE can be read, and audit again."

# An import stamps its entries within its own time, and may have others of another import beside them. Where the clock
# of the database was set back, an entry is not dated before the last one of its ticket, but has that one's time.
_FEWER_ENTRIES = """
SELECT id, updated, entries FROM (
    SELECT run.id, {updated} AS updated, (
        SELECT COUNT(*) FROM tickets_historyentry AS entry
        WHERE entry.action = 'imported' AND entry.created_at BETWEEN run.started_at AND run.finished_at
    ) AS entries
    FROM csvsync_run AS run WHERE run.kind = 'IMPORT' AND run.state = 'SUCCEEDED' AND NOT run.rehearsal
) AS imports WHERE entries < updated
"""
_AT_A_TIME_TO_COME = """
SELECT COUNT(*) FROM tickets_historyentry AS entry JOIN tickets_historyentry AS before
    ON before.ticket_id = entry.ticket_id AND before.version = entry.version - 1
WHERE entry.action = 'imported' AND entry.created_at = before.created_at
    AND entry.created_at > (SELECT finished_at FROM csvsync_run WHERE id = %s)
"""
_UPDATED = {
    "postgresql": "CAST(run.counts ->> 'updated' AS bigint)",
    "sqlite": "CAST(run.counts ->> 'updated' AS integer)",
}


def check_counts(scope: Scope) -> Iterator[Finding]:
    """Each import has as many entries of history as tickets it says to have moved, and its rows add up."""
    if scope.ticket:
        return
    yield from _check_sums(scope)
    yield from _check_entries()


def _check_sums(scope: Scope) -> Iterator[Finding]:
    ended = Run.objects.filter(state=Run.State.SUCCEEDED, dry_run=False)
    runs = 0
    for run in ended.filter(kind__in=[Run.Kind.IMPORT, Run.Kind.CYCLE]).order_by("started_at").iterator(chunk_size=500):
        runs += 1
        counts = [run.counts.get(name) for name in ("updated", "skipped", "errors", "total")]
        if not all(isinstance(count, int) for count in counts) or sum(counts[:3]) != counts[3]:
            yield _finding(run, "Its updated, skipped and wrong rows are not as many as its rows.")
    scope.looked_at["runs"] = runs


def _check_entries() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_FEWER_ENTRIES.format(updated=_UPDATED[connection.vendor]))
        for run_id, updated, entries in cursor.fetchall():
            cursor.execute(_AT_A_TIME_TO_COME, [run_id])
            entries += cursor.fetchone()[0]
            if entries >= updated:
                continue
            problem = f"It moved {updated} tickets, and history has {entries} entries of its time."
            yield Finding(f"run {UUID(str(run_id))}", problem, COMPARE)


def check_files(scope: Scope) -> Iterator[Finding]:
    """Each kept file has the size and the SHA-256 that its run says.

    One that is old enough to be removed may be so at any moment, and is not looked at. Where the whole folder is
    missing, as where the command has another CSV_STORAGE than the server, that is one finding and not one for each.
    """
    if scope.ticket:
        return
    problems = _problems_of_files(scope)
    folder = storage.missing_folder()
    if folder is None:
        yield from problems
    elif missed := sum(1 for _problem in problems):
        problem = f"It is not there or empty, and files of {missed} runs should be in it."
        yield Finding(f"folder {folder}", problem, MISSING)


def _problems_of_files(scope: Scope) -> Iterator[Finding]:
    now, files = clock.now(), 0
    kept = Run.objects.exclude(kept_as="").exclude(state=Run.State.RUNNING)
    young = kept.filter(started_at__gte=now - timedelta(days=settings.CSV_KEEP_DAYS))
    for run in young.exclude(dry_run=True, started_at__lt=now - DRY_RUNS_KEPT).order_by("started_at").iterator(500):
        files += 1
        if problem := _problem_of_file(run):
            yield problem
    scope.looked_at["files"] = files


def _problem_of_file(run: Run) -> Finding | None:
    try:
        with storage.kept_file(run) as file:
            found = fingerprint(file)
    except FileNotKept:
        # The process of a run that failed may have been killed before the file was written.
        if run.state == Run.State.FAILED:
            return None
        # Where there was no room, files of dry runs are removed before their day is over.
        if Run.objects.filter(pk=run.pk, kept_as="").exists():
            return None
        return Finding(f"run {run.pk}", f"Its file {run.kept_as} is not there.", MISSING)
    except (StorageUnavailable, OSError) as error:
        return Finding(f"run {run.pk}", f"Its file {run.kept_as} cannot be read: {error}.", UNREACHABLE)
    if (found.size, found.sha256) != (run.size, run.sha256):
        return _finding(run, f"Its file {run.kept_as} is not the one that was kept.")
    return None


def _finding(run: Run, problem: str) -> Finding:
    return Finding(f"run {run.pk}", problem, COMPARE)
