"""Waking who sends mails."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.tasks import Task, TaskResultStatus
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from config import clock

# The task that sends what is due, which stands on much that is told of here: so it is named and not imported.
SEND_MAILS = "tickets.outbox.tasks.send_mails"


def wake(due_at: datetime) -> None:
    """Something has to be mailed at this time. Called once in each transaction that tells of such a thing, at its end.

    Nothing is added where a task waits already for a time between now and then. A worker that came to take it up while
    this transaction is not committed would not see what is to be mailed, and nobody would come again: so the waiting
    task is locked until then, and workers pass by what is locked. Tasks whose time has come are left alone, or a busy
    desk would keep them from being carried out.
    """
    waiting = _waiting(due_at).filter(run_after__gt=clock.Present()).order_by("-run_after")
    if waiting.select_for_update(skip_locked=True).values_list("pk").first() is None:
        _enqueue(due_at)


def look_again(at: datetime, now: datetime) -> None:
    """As `wake`, for who sends mails and knows that nothing is to be done before; `now` is by the database's clock.

    Workers compare the times of tasks with the clock of their machine. By a clock that is ahead a task would be carried
    out too early, and enqueued again, without a pause until its time has come; so its time is told by that clock.
    """
    own = timezone.now() + max(at - now, timedelta(0))
    if not _waiting(own).exists():
        _enqueue(own)


def _waiting(until: datetime) -> DBTaskResultQuerySet:
    return DBTaskResult.objects.filter(task_path=SEND_MAILS, status=TaskResultStatus.READY, run_after__lte=until)


def _enqueue(at: datetime) -> None:
    task: Task[[], None] = import_string(SEND_MAILS)
    task.using(run_after=at).enqueue()
