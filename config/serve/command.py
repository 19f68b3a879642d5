"""The command that runs the production server."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from config import env

APPLICATION = "config.site.starting:load"
WORKERS = 2
# Of one worker; as many as its pool has connections.
THREADS = 16
# What does the tasks that wait in the database, such as mails.
TASK_WORKER = (sys.executable, str(env.BASE_DIR / "manage.py"), "db_worker")
# What a request may still take once the server is told to stop.
STOP_SECONDS = 20


def server_command(
    host: str,
    port: int,
    application: str = APPLICATION,
    *,
    workers: int = WORKERS,
    beside: Sequence[Sequence[str]] = (),
    **limits: float,
) -> list[str]:
    """The command that starts the server; `application` names a function that returns a WSGI application.

    `beside` are commands of programs that are started and stopped with it, and again when they die.
    `limits` are those of config.server.limits.Limits that shall differ from what they are there.
    """
    options = {
        "host": host,
        "port": port,
        "application": application,
        "workers": workers,
        "threads": THREADS,
        "stop-seconds": STOP_SECONDS,
        "limits": json.dumps(limits),
        "beside": json.dumps(beside),
    }
    return [sys.executable, "-m", "config.server", *(f"--{name}={value}" for name, value in options.items())]
