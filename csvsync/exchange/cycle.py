"""The exchange with the external system from end to end: export, process, import."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from typing import IO

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.idempotency.keys import KeyName
from accounts.models import AuditEntry, User
from accounts.record.acts import By, record
from config import clock
from config.database.statistics import gather_statistics
from config.errors import DomainError, StorageUnavailable
from config.folders import fingerprint
from config.tidy import tidy
from csvsync.errors import CycleRunning, InvalidCsv, ProcessorFailed
from csvsync.exchange import nightly_audit, notices
from csvsync.exchange.export import export_pending
from csvsync.external.remote import RemoteProcessor
from csvsync.external.simulation import Simulation
from csvsync.files import temporary
from csvsync.files.writing import file_name
from csvsync.imports.importer import ImportReport, import_statuses
from csvsync.models import Run
from csvsync.runs import ledger
from tickets.workflow import IMPORT_STATUSES

log = logging.getLogger(__name__)

SIMULATED = "simulated"  # CSV_PROCESSOR, unless it is an address

type Progress = Callable[[str], None]


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
    unreturned: int = 0
    was_done: bool = False

    @classmethod
    def of(cls, run: Run, *, was_done: bool = False) -> RunResult:
        """The result of a cycle that succeeded; `was_done` tells that it did so before it was asked for this time."""
        end = run.finished_at or run.started_at
        return cls(**run.counts, started_at=run.started_at, finished_at=end, was_done=was_done)


def run_cycle(user: User | None, *, key: KeyName | None = None, progress: Progress | None = None) -> RunResult:
    """Export what is PENDING, have it processed, and import the answer; `user` is None for the nightly job.

    With nothing PENDING it succeeds with zeros. Raises CycleRunning while another cycle runs, ProcessorFailed where
    the external system gives no answer that can be used. A cycle that ends in any error, or whose process dies, has
    imported everything or nothing. With a `key` that a cycle has succeeded with, its result is returned and nothing
    done. `progress` is told in words how far it is.
    """
    cycle = _begin(user, key)
    if cycle.state == Run.State.SUCCEEDED:
        return RunResult.of(cycle, was_done=True)
    return _carry_out(cycle, progress or _quietly, key)


def start_cycle(user: User) -> Run:
    """Begin a cycle as run_cycle does, and return at once while a thread carries it out.

    So no caller can stop it by going away. How far it is can be read in the run: `state`, `phase`, `counts`, `error`.
    Raises CycleRunning. A process that is asked to stop finishes it first.
    """
    cycle = _begin(user, None)
    # A thread inherits `daemon` from the one that starts it, and those of the server are daemons: the process would end
    # without waiting for them.
    Thread(target=_carry_out_alone, args=[cycle], name="cycle", daemon=False).start()
    return cycle


def dry_run_cycle(progress: Progress | None = None) -> RunResult:
    """What run_cycle would do now, without doing it, and without a record.

    An external system is not asked, so there the result ends with the export.
    """
    progress = progress or _quietly
    began = clock.now()
    with closing(temporary.new_file()) as exported, closing(temporary.new_file()) as processed:
        export = export_pending()
        exported.writelines(export)
        report = ImportReport(distribution=_nothing())
        if export.rows and settings.CSV_PROCESSOR == SIMULATED:
            progress(_("Processing"))
            processed.writelines(Simulation(exported))
            report = import_statuses(processed, user=None, dry_run=True, answer_to=exported)
    counts = {"exported": export.rows, "distribution": report.distribution, **report.counts()}
    return RunResult(**counts, started_at=began, finished_at=clock.now())  # type: ignore[arg-type]  # by name


def _begin(user: User | None, key: KeyName | None) -> Run:
    """A running cycle, or the one that has succeeded with this key."""
    try:
        return ledger.begin_cycle(user, key)
    except CycleRunning:
        raise
    except Exception as error:
        if user is None:
            notices.failed(error)
        raise


def _carry_out(cycle: Run, progress: Progress, key: KeyName | None = None) -> RunResult:
    """Carry a cycle out and enter its end into the ledger. How a nightly one went is also told to people."""
    nightly = cycle.started_by_id is None
    log.info("Cycle %s began.", cycle.pk)
    if nightly:
        notices.began()
    try:
        with ledger.fail_on_error(cycle), ledger.signs_of_life(cycle):
            try:
                result = _exchange(cycle, progress, key)
            except OSError as error:
                raise StorageUnavailable(error) from error
    except BaseException as error:
        # The connection may have broken when all was done but the answer of the database not yet there.
        if not (isinstance(error, Error) and ledger.has_succeeded(cycle)):
            log.error("Cycle %s failed: %s", cycle.pk, error, exc_info=not isinstance(error, DomainError))
            if nightly:
                notices.failed(error)
            _tidy_up()
            raise
        result = RunResult.of(cycle)
    if nightly:
        notices.succeeded(f"{result.exported} exported, {result.updated} updated, {result.errors} errors")
    _tidy_up()
    if nightly:
        nightly_audit.begin()
    return result


def _carry_out_alone(cycle: Run) -> None:
    """Carry the cycle out in a thread of its own.

    Nobody would see an exception there, but the ledger and the log have it already.
    """
    try:
        with suppress(Exception):
            _carry_out(cycle, _quietly)
    finally:
        connection.close()


def _exchange(cycle: Run, progress: Progress, key: KeyName | None) -> RunResult:
    with ExitStack() as files:
        exported = files.enter_context(closing(temporary.new_file()))
        ledger.enter_phase(cycle, Run.Phase.EXPORTING)
        gather_statistics()  # the first night comes after the first load
        progress(_("Exporting"))
        rows = _export(cycle, exported, name=file_name("pending_tickets", cycle.started_at))
        log.info("Exported %d tickets.", rows)
        if not rows:
            return _finish(cycle, key, rows, ImportReport(distribution=_nothing()))
        ledger.enter_phase(cycle, Run.Phase.PROCESSING, exported=rows)
        progress(ngettext("Processing %(count)d ticket", "Processing %(count)d tickets", rows) % {"count": rows})
        processed = files.enter_context(closing(_process(cycle, exported)))
        ledger.enter_phase(cycle, Run.Phase.IMPORTING)
        progress(_("Importing"))
        name = file_name("processed", clock.now())
        part = ledger.begin_with_file(Run.Kind.IMPORT, cycle.started_by, processed, name=name, cycle=cycle)
        # In the same transaction: a cycle that has imported never counts as unfinished, to be done once more.
        with transaction.atomic():
            return _finish(cycle, key, rows, _import(cycle, part, processed, exported))


@transaction.atomic(savepoint=False)
def _finish(cycle: Run, key: KeyName | None, rows: int, report: ImportReport) -> RunResult:
    cycle.counts = {"exported": rows, "distribution": report.distribution, **report.counts()}
    cycle.counts["unreturned"] = report.unreturned
    ledger.finish(cycle, key)
    log.info("Imported: %d updated, %d skipped, %d errors.", report.updated, report.skipped, report.errors_count)
    if report.unreturned:
        log.warning("%d exported tickets did not come back.", report.unreturned)
    return RunResult.of(cycle)


def _export(cycle: Run, file: IO[bytes], *, name: str) -> int:
    """Write the export of a cycle into a file, which is kept; the number of tickets."""
    export = export_pending()
    file.writelines(export)
    run = ledger.begin_with_file(Run.Kind.EXPORT, cycle.started_by, file, name=name, cycle=cycle)
    if export.rows:
        handed_out = {"status": "PENDING", "file": name, "tickets": export.rows}
        record(By(cycle.started_by, "cycle"), AuditEntry.Action.EXPORTED, None, handed_out)
    run.counts = {"rows": export.rows}
    ledger.finish(run)
    return export.rows


def _process(cycle: Run, exported: IO[bytes]) -> IO[bytes]:
    """The answer of the external system, with a run of its own."""
    run = ledger.begin(Run.Kind.PROCESS, cycle.started_by, cycle=cycle)
    with ledger.fail_on_error(run), temporary.handed_on(_ask(cycle, exported)) as answer:
        run.size, run.sha256 = fingerprint(answer)
        ledger.finish(run)
    log.info("Processed: the answer has %d bytes.", run.size)
    return answer


def _ask(cycle: Run, exported: IO[bytes]) -> IO[bytes]:
    if settings.CSV_PROCESSOR != SIMULATED:
        if not connection.in_atomic_block:
            # The external system may take long. Meanwhile an idle connection would keep its place from others, and what
            # lies between here and the database may cut it off.
            connection.close()
        # `fileno` moves the file from memory to the disk. requests would do so in the thread that sends it, which may
        # have been given up by then, and the file closed while it is being moved.
        exported.fileno()
        return RemoteProcessor.from_settings().process(exported, cycle.pk)
    with temporary.handed_on(temporary.new_file()) as answer:
        answer.writelines(Simulation(exported))
    return answer


def _import(cycle: Run, part: Run, processed: IO[bytes], exported: IO[bytes]) -> ImportReport:
    try:
        return import_statuses(processed, user=cycle.started_by, record=part, answer_to=exported)
    except InvalidCsv as error:
        # Who started the cycle has sent no file that could be wrong.
        problem = " ".join(error.problems)
        raise ProcessorFailed(
            _("The external system's answer cannot be read. %(problem)s") % {"problem": problem}
        ) from error


def _tidy_up() -> None:
    """Remove what is old, also after a cycle that failed: perhaps it failed for want of room."""
    if not connection.in_atomic_block:  # where a statement that fails would take the rest with it
        gather_statistics()
        tidy()


def _nothing() -> dict[str, int]:
    return {status.value: 0 for status in IMPORT_STATUSES}


def _quietly(_words: str) -> None:
    """The progress of a cycle that nobody watches."""
