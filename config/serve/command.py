"""The command that runs the production server."""

from __future__ import annotations

import json
import sys

APPLICATION = "config.site.starting:load"
WORKERS = 2
# Of one worker; as many as its pool has connections.
THREADS = 16
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
