"""Beginning and ending runs; of cycles there is at most one at a time.

What keeps a second cycle out is the constraint `run_one_running_cycle`: there may be only one row that is a cycle and
RUNNING. A lock of the database session would be simpler, but behind a connection pooler nobody knows whose session that
is, and one that lasts as long as its transaction would hold a transaction open for as long as the external system
takes. A row stays when its process dies, so it has to be found out whose row is still alive: each has a heartbeat and
the name of its process, and whoever begins a run first marks the dead ones as failed.

A run that was given up although it lived (its machine was asleep, say) must not take effect any more. So every end is
one conditional UPDATE, "as long as it is RUNNING", in the transaction of the import: either it finds the run as it left
it, or it raises RunLost, and the import is rolled back.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import IO, Any

from django.db import Error, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.idempotency import keys
from accounts.idempotency.keys import KeyName
from accounts.idempotency.models import NAME_LENGTH
from accounts.models import User
from config import clock
from config.database.heartbeats import heartbeats
from config.errors import DomainError
from config.folders import fingerprint
from config.masking.addresses import masked
from config.server.processes import ProcessName, is_gone, this_process
from csvsync.errors import CycleRunning, RunLost
from csvsync.models import FILE_NAME_LENGTH, Run
from csvsync.runs import retention, storage

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
# Some heartbeats may fail to be written before a run counts as dead.
LEASE = timedelta(minutes=2)
ATTEMPTS = 5
PAUSE_SECONDS = 0.2
# What the keys of schedulers stand for. They have no account, so a key means the same by HTTP and by command.
CYCLE = "cycle"


def key_of_cycle(text: str) -> KeyName | None:
    """What a scheduler names a cycle by, None where that is blank. Raises ValueError where it cannot be kept."""
    key = text.strip()
    if len(key) > NAME_LENGTH or not key.isprintable():
        raise ValueError(_("Write at most %(limit)d printable characters.") % {"limit": NAME_LENGTH})
    return KeyName(CYCLE, key) if key else None


def begin_cycle(user: User | None, key: KeyName | None = None) -> Run:
    """A new running cycle; `user` is None for the nightly job. Raises CycleRunning while there is one.

    With a `key` that an earlier cycle succeeded with, it is that one.
    """
    for _attempt in range(ATTEMPTS):
        # Trying the INSERT alone would do on PostgreSQL. On SQLite it needs the one write lock, which an import holds
        # for long; so that the caller is told of the running cycle at once, it is looked up first, which needs no lock.
        mark_dead()
        if done := _done_under(key):
            return done
        if current := Run.objects.cycles().running().select_related("started_by").first():
            raise _cycle_running(current)
        try:
            with transaction.atomic():
                run = _insert(Run.Kind.CYCLE, user)
                # Until it ends, no other can succeed with this key. One may have between the two looks above.
                if not _done_under(key):
                    return run
                transaction.set_rollback(True)
        except IntegrityError:
            continue  # another was quicker; the next turn says who
    raise CycleRunning(_("Another cycle has just begun."))


def begin(kind: Run.Kind, user: User | None, *, cycle: Run | None = None, **fields: Any) -> Run:
    """A new running run that is no cycle."""
    if cycle is None:
        mark_dead()
    return _insert(kind, user, cycle=cycle, **fields)


def begin_with_file(
    kind: Run.Kind, user: User | None, file: IO[bytes], *, name: str, cycle: Run | None = None, **fields: Any
) -> Run:
    """A new running run about this file, which is kept. Raises StorageUnavailable; the run has failed then."""
    print_ = fingerprint(file)
    run_id = uuid.uuid4()
    fields |= {"id": run_id, "file_name": _printable(name)[:FILE_NAME_LENGTH], **print_._asdict()}
    run = begin(kind, user, cycle=cycle, kept_as=storage.new_name(run_id, clock.now()), **fields)
    with fail_on_error(run):
        retention.keep(run, file)
    return run


def enter_phase(cycle: Run, phase: Run.Phase, **counts: int) -> None:
    """Tell whoever watches what a running cycle is doing now, and what it has counted; also a sign of life.

    Raises RunLost where another has taken this one for dead meanwhile.
    """
    cycle.phase, cycle.counts = phase, {**cycle.counts, **counts}
    running = Run.objects.filter(pk=cycle.pk, state=Run.State.RUNNING)
    if not running.update(phase=phase, counts=cycle.counts, heartbeat_at=clock.now()):
        raise RunLost


def finish(run: Run, key: KeyName | None = None) -> None:
    """Mark a run as done, with its counts. Call in the transaction of its import, so that both are true or neither.

    A cycle with a `key` is what the key stands for from then on. Raises RunLost where another has taken this run for
    dead meanwhile; its import must not take place then.
    """
    if not _end(run, Run.State.SUCCEEDED):
        raise RunLost
    if key:
        keys.keep(key, run.pk, kept=None)


def fail(run: Run, error: BaseException) -> None:
    """Mark a run and its parts as failed. Where even that fails, it is left to the next one."""
    run.error = _printable(_in_words(error))
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _end(run, Run.State.FAILED)
        except Error as problem:
            log.warning("Could not mark run %s as failed: %s", run.pk, problem)
            if connection.in_atomic_block or attempt == ATTEMPTS:
                return
            # The connection may be what failed, and the database may be starting again.
            connection.close()
            time.sleep(attempt * PAUSE_SECONDS)
        else:
            return


def has_succeeded(run: Run) -> bool:
    """Whether it stands so in the ledger; then the run holds its results. False where the database does not answer."""
    try:
        run.refresh_from_db()
    except Error:
        return False
    return run.state == Run.State.SUCCEEDED


@contextmanager
def fail_on_error(run: Run) -> Iterator[None]:
    """Marks the run as failed if the block raises anything."""
    try:
        yield
    except BaseException as error:
        fail(run, error)
        raise


@contextmanager
def signs_of_life(run: Run) -> Iterator[None]:
    """Renews the run's heartbeat from a thread of its own, until the end of the block."""
    with heartbeats(partial(_beat, run.pk), every=HEARTBEAT_SECONDS):
        yield


def mark_dead() -> None:
    """Mark running runs whose process died as failed, with their parts.

    A process that ran on this machine can be seen to be gone. Of others only the heartbeat tells; `still` in the UPDATE
    makes sure that it has not come since it was read.
    """
    for run in Run.objects.running().select_related("started_by"):
        if is_gone(ProcessName(run.host, run.pid, run.process_started)):
            run.error = _("The process ended before the run was done.")
        elif clock.now() - run.heartbeat_at > LEASE:
            run.error = _("There was no sign of life for too long.")
        else:
            continue
        if _end(run, Run.State.FAILED, heartbeat_at=run.heartbeat_at):
            log.warning("Run %s (%s) of %s was left unfinished: %s", run.pk, run.kind, run.started_at, run.error)


def _beat(run_id: uuid.UUID) -> None:
    Run.objects.filter(pk=run_id, state=Run.State.RUNNING).update(heartbeat_at=clock.now())


def _insert(kind: Run.Kind, user: User | None, **fields: Any) -> Run:
    process, now = this_process(), clock.now()
    return Run.objects.create(
        kind=kind,
        started_by=user,
        started_at=now,
        heartbeat_at=now,
        host=process.host,
        pid=process.pid,
        process_started=process.started,
        **fields,
    )


def _done_under(key: KeyName | None) -> Run | None:
    """The cycle that has succeeded with this key. One that failed has changed nothing, so it has left its key free."""
    run = keys.find(key) if key else None
    return Run.objects.get(pk=run) if run else None


def _cycle_running(run: Run) -> CycleRunning:
    text = _("A cycle has been running since %(since)s, started by %(who)s. Try again when it is done.")
    who = run.started_by.shown_name if run.started_by else _("the nightly job")
    return CycleRunning(
        text % {"since": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC", "who": who}, fields={"run": [str(run.pk)]}
    )


def _end(run: Run, state: Run.State, **still: Any) -> bool:
    """End a run that is still running and has the values of `still`; False where there is none any more."""
    run.finished_at = max(clock.now(), run.started_at)
    run.state = state
    values = {"state": state, "finished_at": run.finished_at, "error": run.error}
    # What a failed run had counted last may have been undone with its transaction.
    results: dict[str, Any] = {}
    if state == Run.State.SUCCEEDED:
        results = {"counts": run.counts, "changes": run.changes, "size": run.size, "sha256": run.sha256, "phase": ""}
    with transaction.atomic():
        running = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, **still)
        ended = running.update(**values, **results)
        if ended and state == Run.State.FAILED and run.kind == Run.Kind.CYCLE:
            Run.objects.filter(cycle=run.pk, state=Run.State.RUNNING).update(**values)
    return bool(ended)


def _in_words(error: BaseException) -> str:
    """What people are to read: of what was refused why, of the unforeseen also what kind of error it is."""
    if isinstance(error, GeneratorExit):
        return _("The download was broken off.")
    if not isinstance(error, DomainError):
        return masked(f"{type(error).__name__}: {error}")
    return " ".join([f"{str(error.message).rstrip('.')}.", *error.problems])


def _printable(text: str) -> str:
    """The text without NUL characters and lone surrogates, which a database would refuse."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
