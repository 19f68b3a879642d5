"""Taking back what the external system says about tickets: each row is judged by itself, the good ones are applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, NamedTuple

from django.db import transaction

from accounts.models import User
from config.rest import UUID_FORM
from csvsync import staging
from csvsync.dialect import CsvFile, Row
from csvsync.staging import StagedRow
from csvsync.verdicts import Judged, Verdict, message
from tickets import actions, numbering
from tickets.workflow import IMPORT_STATUSES

ERRORS_SHOWN = 100
# What is kept of a cell for messages, and of a number for comparison: longer than any true one.
SHOWN_LENGTH = 200


class RowError(NamedTuple):
    """`row` is the line of the file at which the row begins, `ticket` its key as written."""

    row: int
    ticket: str | None
    code: Verdict
    message: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """updated + skipped + errors_count = total. `errors` are the first 100 in the order of the file."""

    updated: int = 0
    skipped: int = 0
    errors_count: int = 0
    total: int = 0
    errors: tuple[RowError, ...] = ()


def import_statuses(file: IO[bytes], *, user: User | None) -> ImportReport:
    """Move tickets as a file says, in one transaction; `user` is who brought it, None for the nightly job.

    `file` is binary and seekable. A bad row is reported and does not stop the good ones. Raises InvalidCsv where the
    file as a whole cannot be read; then nothing is applied.
    """
    csv_file = CsvFile(file)
    with transaction.atomic():
        staging.stage(_staged(row) for row in csv_file.rows())
        counts = staging.judge()
        updated, skipped = counts.get(Verdict.UPDATED, 0), counts.get(Verdict.SKIPPED, 0)
        if updated:
            moved = actions.apply_imported_statuses(staging.moves(), user=user, at=numbering.now())
            if moved != updated:
                raise RuntimeError(f"{updated} rows were to be applied, but {moved} tickets moved.")
        errors = tuple(_row_error(row, csv_file) for row in staging.first_errors(ERRORS_SHOWN))
        staging.clear()
    total = sum(counts.values())
    return ImportReport(updated, skipped, total - updated - skipped, total, errors)


def _staged(row: Row) -> StagedRow:
    """What a row says by itself, as far as that can be judged without the database."""
    ticket = row.key_as_written[:SHOWN_LENGTH] or None
    ticket_id = number = note = verdict = None
    status = row.status
    if not row.fits:
        verdict, note = Verdict.UNREADABLE_ROW, str(len(row.cells))
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
            verdict = Verdict.UNKNOWN_TICKET
    return StagedRow(row.line, ticket, ticket_id, number, None if verdict else status, verdict, note)


def _row_error(row: Judged, csv_file: CsvFile) -> RowError:
    return RowError(row.line, row.ticket, row.verdict, message(row, columns=len(csv_file.header.names)))
