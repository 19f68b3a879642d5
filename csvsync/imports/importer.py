"""Taking back what the external system says about tickets: each row is judged by itself, the good ones are applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from django.db import transaction

from accounts.models import User
from config import clock
from config.ids import UUID_FORM
from csvsync.files.dialect import CsvFile, Row
from csvsync.imports import verdict_sql
from csvsync.imports.swallowed import Suspects
from csvsync.imports.verdict_sql import Changed, StagedRow
from csvsync.models import Run
from csvsync.runs import ledger
from csvsync.verdicts import FOREIGN_ID, STRAY_QUOTE, Judged, Verdict, unreadable
from tickets import actions
from tickets.workflow import IMPORT_STATUSES

ERRORS_SHOWN = 100
# What is kept of a cell for messages, and of a number for comparison: longer than any true one.
SHOWN_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ImportReport:
    """updated + skipped + errors_count = total. `errors` are the first 100 in the order of the file.

    `distribution` counts the rows that could be read by status, `unreturned` the tickets of the answered export that
    no such row names. `changed` are the first 100 of the `changed_count` rows that are judged otherwise than in the
    dry run that was applied.
    """

    updated: int = 0
    skipped: int = 0
    errors_count: int = 0
    total: int = 0
    errors: tuple[Judged, ...] = ()
    distribution: dict[str, int] = field(default_factory=dict)
    unreturned: int = 0
    changed_count: int = 0
    changed: tuple[Changed, ...] = ()

    def counts(self) -> dict[str, int]:
        """The counts in the form in which a run keeps them."""
        return {"updated": self.updated, "skipped": self.skipped, "errors": self.errors_count, "total": self.total}


def import_statuses(
    file: IO[bytes],
    *,
    user: User | None,
    dry_run: bool = False,
    record: Run | None = None,
    answer_to: IO[bytes] | None = None,
    since: Run | None = None,
) -> ImportReport:
    """Move tickets as a file says, in one transaction; `user` is who brought it, None for the nightly job.

    `file` is binary and seekable. A bad row is reported and does not stop the good ones. Raises InvalidCsv where the
    file as a whole cannot be read; then nothing is applied. With `dry_run` nothing is applied either, but the report
    is the one that applying it would give.

    `record` is the run that keeps what was said about rows, and that ends with the same transaction. Where the file is
    the answer to an export, `answer_to`, only tickets of that export are known. `since` is the dry run of the same
    file with which the report compares.
    """
    csv_file = CsvFile(file)
    exported = None if answer_to is None else CsvFile(answer_to)
    with transaction.atomic(), closing(Suspects()) as suspects:
        if exported:
            verdict_sql.stage_exported((row.id,) for row in exported.rows())
        verdict_sql.stage(_staged_rows(csv_file, suspects))
        verdict_sql.mark_unreadable(
            [(row.line, unreadable(STRAY_QUOTE, row.line, row.last_line)) for row in rows]
            for rows in suspects.damaged()
        )
        counts = verdict_sql.judge(only_exported=exported is not None, to_apply=not dry_run)
        report = _report(counts, since, answered_by=record if exported else None)
        if record:
            _note(record, report, dry_run=dry_run, is_answer=exported is not None, is_compared=since is not None)
        if report.updated and not dry_run:
            _apply(report.updated, user, not_before=record.started_at if record else clock.BEGINNING)
        if record:
            ledger.finish(record)
        verdict_sql.clear()
    return report


def _report(counts: dict[Verdict, int], since: Run | None, *, answered_by: Run | None) -> ImportReport:
    """The report about the rows that have been judged.

    What an export had and its answer does not name is kept with that run.
    """
    updated, skipped, total = counts.get(Verdict.UPDATED, 0), counts.get(Verdict.SKIPPED, 0), sum(counts.values())
    errors_count = total - updated - skipped
    changed_count, changed = verdict_sql.changed_since(since, ERRORS_SHOWN) if since else (0, [])
    return ImportReport(
        updated,
        skipped,
        errors_count,
        total,
        tuple(verdict_sql.first_errors(ERRORS_SHOWN)) if errors_count else (),
        {status.value: 0 for status in IMPORT_STATUSES} | verdict_sql.distribution(),
        verdict_sql.record_unreturned(answered_by) if answered_by else 0,
        changed_count,
        tuple(changed),
    )


def _note(run: Run, report: ImportReport, *, dry_run: bool, is_answer: bool, is_compared: bool) -> None:
    """Keep with the run what was said about rows, and set its counts; ledger.finish writes those."""
    if dry_run or report.errors_count:
        verdict_sql.record(run, whole=dry_run)
    run.counts = report.counts()
    if is_answer:
        run.counts["unreturned"] = report.unreturned
    if is_compared:
        run.counts["changed"] = report.changed_count
        run.changes = [list(row) for row in report.changed]


def _apply(updated: int, user: User | None, *, not_before: datetime) -> None:
    """Call last: tickets are stamped with the time of this call, and readers see them at the commit that follows.

    Should the clock have been set back meanwhile, it is still no time `not_before` the run began.
    """
    moved = actions.apply_imported_statuses(verdict_sql.moves(), user=user, at=max(clock.now(), not_before))
    if moved != updated:
        raise RuntimeError(f"{updated} rows were to be applied, but {moved} tickets moved.")


def _staged_rows(csv_file: CsvFile, suspects: Suspects) -> Iterator[StagedRow]:
    for row in csv_file.rows():
        if row.quotes:
            suspects.note(row)
        yield _staged(row)


def _staged(row: Row) -> StagedRow:
    """What a row says by itself, as far as that can be judged without the database."""
    ticket = row.key_as_written[:SHOWN_LENGTH] or None
    ticket_id = number = note = verdict = None
    status = row.status
    if row.quotes and row.quotes.behind:
        verdict, note = Verdict.UNREADABLE_ROW, unreadable(STRAY_QUOTE, row.line, row.last_line)
    elif not row.fits:
        cells = f"{row.width}/{len(row.header.names)}"
        verdict, note = Verdict.UNREADABLE_ROW, unreadable(cells, row.line, row.last_line)
    elif ticket is None:
        verdict = Verdict.UNREADABLE_ROW
    elif status not in IMPORT_STATUSES:
        verdict, note = Verdict.UNKNOWN_STATUS, row.status_as_written[:SHOWN_LENGTH]
    else:
        number = row.ticket_number[:SHOWN_LENGTH] or None
        key = row.id
        if UUID_FORM.fullmatch(key):
            ticket_id = key
        elif key:
            verdict, note = Verdict.UNKNOWN_TICKET, FOREIGN_ID
    return StagedRow(row.line, ticket, ticket_id, number, None if verdict else status, verdict, note)
