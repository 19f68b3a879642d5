"""An export that a person fetches, with its record in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack

from accounts.models import User
from csvsync.exchange.export import Export
from csvsync.models import Run
from csvsync.runs import ledger


class RecordedExport(Iterator[bytes]):
    """The blocks of an export, with a run that begins with the first block and fails if they are not read to the end.

    Whoever stops reading calls `close`. A generator would be shorter, but Python ends a forgotten one whenever it
    collects garbage, and marking the run as failed could then come in the middle of another statement on the same
    connection. The run of a forgotten export is marked by whoever finds it without a sign of life.
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
