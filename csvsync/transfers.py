"""What people send and fetch by hand, with its record in the ledger of runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import IO

from accounts.models import User
from csvsync import ledger, storage
from csvsync.errors import NotARehearsal
from csvsync.exporter import Export, export_pending
from csvsync.importer import ImportReport, import_statuses
from csvsync.models import Run


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


def download(export: Export, *, user: User | None, name: str) -> Iterator[bytes]:
    """The blocks of an export. Its run has failed if they are not read to the end."""
    run = ledger.begin(Run.Kind.EXPORT, user, file_name=name)
    digest, run.size = hashlib.sha256(), 0
    with ledger.failing(run):
        with ledger.signs_of_life(run):
            for block in export:
                digest.update(block)
                run.size += len(block)
                yield block
        run.sha256, run.counts = digest.hexdigest(), {"rows": export.rows}
        ledger.finish(run)


def export_for_cycle(cycle: Run, file: IO[bytes], *, name: str) -> int:
    """Write the export of a cycle into a file, which is kept; the number of tickets."""
    export = export_pending()
    file.writelines(export)
    run = ledger.begin_with_file(Run.Kind.EXPORT, cycle.started_by, file, name=name, cycle=cycle)
    run.counts = {"rows": export.rows}
    ledger.finish(run)
    return export.rows


def _import(
    file: IO[bytes], user: User, name: str, *, rehearsal: bool = False, since: Run | None = None
) -> tuple[Run, ImportReport]:
    run = ledger.begin_with_file(Run.Kind.IMPORT, user, file, name=name, rehearsal=rehearsal, applies=since)
    with ledger.failing(run), ledger.signs_of_life(run):
        return run, import_statuses(file, user=user, rehearse=rehearsal, record=run, since=since)
