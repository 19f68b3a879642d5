"""The command that runs the production server."""

from __future__ import annotations

import json
import sys

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
    host: str, port: int, application: str = APPLICATION, *, workers: int = WORKERS, **limits: float
) -> list[str]:
    """The command that starts the server; `application` names a function that returns a WSGI application.

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
    }
    return [sys.executable, "-m", "config.server", *(f"--{name}={value}" for name, value in options.items())]


def demo_command(host: str, port: int) -> list[str]:
    """The same with the worker for tasks beside it, which is started and stopped with it, and again when it dies."""
    return [*server_command(host, port), f"--beside={json.dumps([TASK_WORKER])}"]
