"""Beginning and ending cycles, at most one at a time.

The database holds the one running cycle to a unique row, which works from any machine and through any connection
pooler. A cycle whose process died does not stand in the way: it is marked as failed by the next one that begins.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import Error, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from csvsync.errors import CycleRunning
from csvsync.liveness import is_gone, this_process
from csvsync.models import Run
from tickets import numbering

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
# Some heartbeats may fail to be written before a cycle counts as dead.
LEASE = timedelta(minutes=2)
ATTEMPTS = 5


def begin_cycle(user: User | None) -> Run:
    """A new running cycle; `user` is None for the nightly job. Raises CycleRunning while there is one."""
    for _attempt in range(ATTEMPTS):
        # Looked up first: it needs no write lock, which an import on SQLite would hold for long.
        if current := Run.objects.running_cycles().select_related("started_by").first():
            _end_if_dead(current)
        try:
            with transaction.atomic():
                return _insert(user)
        except IntegrityError:
            continue
    raise CycleRunning(_("Another cycle has just begun."))


def finish(run: Run) -> None:
    """Mark a run as done, with its counts. Call in the transaction of its import, so that both are true or neither.

    Raises CycleRunning where another has taken this one for dead meanwhile; its import must not take place then.
    """
    if not _end(run, Run.State.SUCCEEDED):
        raise CycleRunning(
            _("This cycle gave no sign of life for so long that another one took its place. It has changed nothing.")
        )


def fail(run: Run, error: BaseException) -> None:
    """Mark a run as failed. Where even that fails, it is left to the next one."""
    run.error = f"{type(error).__name__}: {error}"
    try:
        _end(run, Run.State.FAILED)
    except Error:
        log.exception("Could not mark run %s as failed.", run.pk)


@contextmanager
def signs_of_life(run: Run) -> Iterator[None]:
    """Renews the run's heartbeat from a thread of its own, until the end of the block."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(run.pk, over), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(run_id: uuid.UUID, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT_SECONDS):
        try:
            Run.objects.filter(pk=run_id, state=Run.State.RUNNING).update(heartbeat_at=numbering.now())
        except Error as error:
            # On SQLite, the import's own write lock. Nobody else can begin a cycle before that is released either.
            log.warning("The heartbeat of run %s could not be written: %s", run_id, error)
        finally:
            connection.close()


def _insert(user: User | None) -> Run:
    process, now = this_process(), numbering.now()
    return Run.objects.create(
        kind=Run.Kind.CYCLE,
        started_by=user,
        started_at=now,
        heartbeat_at=now,
        host=process.host,
        pid=process.pid,
        process_started=process.started,
    )


def _end_if_dead(run: Run) -> None:
    """Mark a running cycle as failed if its process died. Raises CycleRunning if it may be alive."""
    if is_gone(run.process):
        run.error = _("The process ended before the cycle was done.")
    elif numbering.now() - run.heartbeat_at > LEASE:
        run.error = _("There was no sign of life for too long.")
    else:
        raise CycleRunning(
            _("A cycle has been running since %(since)s, started by %(who)s. Try again when it is done.")
            % {
                "since": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC",
                "who": run.started_by.email if run.started_by else _("the nightly job"),
            }
        )
    if _end(run, Run.State.FAILED, heartbeat_at=run.heartbeat_at):
        log.warning("Run %s of %s was left unfinished: %s", run.pk, run.started_at, run.error)


def _end(run: Run, state: Run.State, **still: Any) -> bool:
    """Whether the run was running until now, with the field values of `still`."""
    run.finished_at = max(numbering.now(), run.started_at)
    run.state = state
    ended = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, **still).update(
        state=state, finished_at=run.finished_at, counts=run.counts, error=run.error
    )
    return bool(ended)
