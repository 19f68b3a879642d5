"""What people send and fetch by hand, with its record in the ledger of runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from accounts.models import User
from config.database.statistics import gather_statistics
from csvsync.errors import NotARehearsal
from csvsync.files.writing import Export, export_pending
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


class Download(Iterator[bytes]):
    """The blocks of an export, with a run that begins with the first. It has failed if they are not read to the end.

    Whoever stops reading calls `close`. This is no generator, since one that is forgotten is ended by the collector of
    garbage, which may be in the middle of another statement on the same connection. A run that is forgotten is left to
    whoever notices that it shows no sign of life.
    """

    def __init__(self, export: Export, *, user: User | None, name: str) -> None:
        self.export, self.user, self.name = export, user, name
        self.blocks = iter(export)
        self.digest, self.size = hashlib.sha256(), 0
        self.life = ExitStack()
        self.run: Run | None = None

    def __next__(self) -> bytes:
        run = self.run or self._begin()
        if run.state != Run.State.RUNNING:
            raise StopIteration
        try:
            block = next(self.blocks, None)
            if block is None:
                self._finish(run)
        except BaseException as error:
            self._fail(run, error)
            raise
        if block is None:
            raise StopIteration
        self.digest.update(block)
        self.size += len(block)
        return block

    def close(self) -> None:
        """Break it off, unless it is done or has not begun."""
        if self.run and self.run.state == Run.State.RUNNING:
            self._fail(self.run, GeneratorExit())

    def _begin(self) -> Run:
        self.run = ledger.begin(Run.Kind.EXPORT, self.user, file_name=self.name)
        self.life.enter_context(ledger.signs_of_life(self.run))
        return self.run

    def _finish(self, run: Run) -> None:
        self.life.close()
        run.size, run.sha256, run.counts = self.size, self.digest.hexdigest(), {"rows": self.export.rows}
        ledger.finish(run)

    def _fail(self, run: Run, error: BaseException) -> None:
        self.life.close()
        self.blocks.close()  # or the database would still be writing on this connection
        ledger.fail(run, error)


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
        report = import_statuses(file, user=user, rehearse=rehearsal, record=run, since=since)
    gather_statistics()
    return run, report
