"""Imports of files that people upload, with their record in the ledger."""

from __future__ import annotations

from typing import IO

from accounts.models import User
from config.database.statistics import gather_statistics
from csvsync.errors import NotARehearsal
from csvsync.imports.importer import ImportReport, import_statuses
from csvsync.models import Run
from csvsync.runs import ledger, storage


def import_upload(file: IO[bytes], *, user: User, name: str) -> tuple[Run, ImportReport]:
    """Import an uploaded file. Raises as import_statuses, and StorageUnavailable."""
    return _import(file, user, name)


def rehearse_upload(file: IO[bytes], *, user: User, name: str) -> tuple[Run, ImportReport]:
    """Judge an uploaded file as import_upload would, but change no ticket. The run can be applied for a day."""
    return _import(file, user, name, rehearsal=True)


def apply_rehearsal(rehearsal: Run, *, user: User) -> tuple[Run, ImportReport]:
    """Import the file of a rehearsal, judged anew; the report also tells which rows are now judged otherwise.

    Raises NotARehearsal, FileNotKept, and as import_upload.
    """
    if not rehearsal.rehearsal or rehearsal.state != Run.State.SUCCEEDED:
        raise NotARehearsal
    with storage.kept_file(rehearsal) as file:
        return _import(file, user, rehearsal.file_name, since=rehearsal)


def _import(
    file: IO[bytes], user: User, name: str, *, rehearsal: bool = False, since: Run | None = None
) -> tuple[Run, ImportReport]:
    run = ledger.begin_with_file(Run.Kind.IMPORT, user, file, name=name, rehearsal=rehearsal, applies=since)
    with ledger.failing(run), ledger.signs_of_life(run):
        report = import_statuses(file, user=user, rehearse=rehearsal, record=run, since=since)
    gather_statistics()
    return run, report
