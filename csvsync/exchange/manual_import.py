"""Imports of files that people upload, with their record in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from django.db import transaction

from accounts.models import User
from config.database.statistics import gather_statistics
from csvsync.errors import NotADryRun
from csvsync.imports.importer import ImportReport, import_statuses
from csvsync.models import Run
from csvsync.runs import ledger, storage

# What is to be done in the transaction of an import, once its report is there.
type Conclude = Callable[[Run, ImportReport], object]


def _conclude_with_nothing(_run: Run, _report: ImportReport) -> None:
    """For an import with whose transaction nothing else is to be committed."""


def import_upload(
    file: IO[bytes], *, user: User, name: str, conclude: Conclude = _conclude_with_nothing
) -> tuple[Run, ImportReport]:
    """Import an uploaded file. Raises as import_statuses, and StorageUnavailable.

    `conclude` is called in the transaction of the import; what it raises undoes the import.
    """
    return _import(file, user, name, conclude)


def dry_run_upload(
    file: IO[bytes], *, user: User, name: str, conclude: Conclude = _conclude_with_nothing
) -> tuple[Run, ImportReport]:
    """Judge an uploaded file as import_upload would, but change no ticket. The run can be applied for a day."""
    return _import(file, user, name, conclude, dry_run=True)


def apply_dry_run(run: Run, *, user: User, conclude: Conclude = _conclude_with_nothing) -> tuple[Run, ImportReport]:
    """Import the file of a dry run, judged anew; the report also tells which rows are now judged otherwise.

    `conclude` is as in import_upload. Raises NotADryRun, FileNotKept, and as import_upload.
    """
    if not run.dry_run or run.state != Run.State.SUCCEEDED:
        raise NotADryRun
    with storage.kept_file(run) as file:
        return _import(file, user, run.file_name, conclude, since=run)


def _import(
    file: IO[bytes],
    user: User,
    name: str,
    conclude: Conclude,
    *,
    dry_run: bool = False,
    since: Run | None = None,
) -> tuple[Run, ImportReport]:
    run = ledger.begin_with_file(Run.Kind.IMPORT, user, file, name=name, dry_run=dry_run, applies=since)
    with ledger.fail_on_error(run), ledger.signs_of_life(run), transaction.atomic():
        report = import_statuses(file, user=user, dry_run=dry_run, record=run, since=since)
        conclude(run, report)
    gather_statistics()
    return run, report
