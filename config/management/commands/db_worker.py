"""`manage.py db_worker`: carries out the tasks that wait in the database, such as sending mails, until it is stopped.

It is the command of django-tasks-db. This one stands before it for what it cannot know: that something may have been
left by a worker that died, that it may have been started beside the server (config/server/supervisor.py), and that the
database may be away for a while, or somebody else may have SQLite's lock for longer than a worker waits for it.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django_tasks_db.management.commands import db_worker

from tickets.outbox.tasks import take_up

log = logging.getLogger("config.worker")
RETRY_SECONDS = 5.0


class Command(db_worker.Command):
    help = "Carry out the tasks that wait in the database, such as sending mails, until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lifeline", type=int, help="The reading end of a pipe: once that ends, so does the worker."
        )

    def configure_logging(self, verbosity: int) -> None:
        """The settings say what is logged."""

    def handle(self, *, lifeline: int | None = None, **options: Any) -> None:  # type: ignore[override]  # with more
        # The supervisor's mask is inherited, and what it blocks would never be heard of.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if lifeline is not None:
            threading.Thread(target=_end_with, args=[lifeline], name="lifeline", daemon=True).start()
        while True:
            try:
                take_up()
                super().handle(**options)
            except (OperationalError, InterfaceError) as error:
                if options["batch"]:
                    raise
                log.warning("The database does not answer, which is tried again: %s", error)
                connection.close()
                time.sleep(RETRY_SECONDS)
            else:
                return


def _end_with(lifeline: int) -> None:
    # Nobody writes there, so there is something to read once the other end is closed. That is waited for, since the
    # workers of the server share this end, and have reading not wait.
    select.select([lifeline], [], [])
    os.kill(os.getpid(), signal.SIGTERM)
