"""Rounds as tasks of the worker, and when the next one is.

A task only says that it is time to look: what is to be mailed, and what became of it, stands in the rows of Told. So a
task that is carried out twice, late or never does no harm, as long as another one comes. One is enqueued in each
transaction in which something comes to be mailed (tickets/inbox/waking.py), with each mail that is claimed, in case the
worker dies, at the end of each round, and whenever a worker starts.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from config import clock
from tickets.inbox.waking import look_again
from tickets.outbox.claiming import next_due
from tickets.outbox.sending import send_due

# After so long a round leaves the rest to the next one, so that a worker that is told to stop does so soon.
ROUND_SECONDS = 5.0
# Results of tasks are kept for so long: of those that went well, and of others, which somebody may want to look into.
DONE_KEPT_FOR = timedelta(hours=1)
OTHERS_KEPT_FOR = timedelta(days=7)


@task()
def send_mails() -> None:
    """Send what is due, and have a worker come back when there is more to do."""
    if settings.HAS_MAIL and (next_at := send_due(ROUND_SECONDS).next_at):
        look_again(next_at, clock.now())


def take_up() -> None:
    """Have what was left by a worker that died, or came while none ran, sent at its time."""
    if settings.HAS_MAIL:
        with transaction.atomic():
            if next_at := next_due():
                look_again(next_at, clock.now())


def remove_old() -> int:
    """Delete what tasks have left; returns of how many.

    Tasks that nobody has carried out for long are of no use either: a desk without a worker has them, and one whose
    worker died in the middle of one.
    """
    now = clock.now()
    done = Q(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - DONE_KEPT_FOR)
    failed = Q(status=TaskResultStatus.FAILED, finished_at__lt=now - OTHERS_KEPT_FOR)
    broken_off = Q(status=TaskResultStatus.RUNNING, started_at__lt=now - OTHERS_KEPT_FOR)
    never = Q(status=TaskResultStatus.READY, run_after__lt=now - DONE_KEPT_FOR)
    return DBTaskResult.objects.filter(done | failed | broken_off | never).delete()[0]
