"""Programs of the product that a test runs to their end, with an environment of their own."""

from __future__ import annotations

import subprocess
import sys

from tests.support.patience import PATIENCE
from tests.support.server import ROOT, server_environment


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The interpreter, for what gets as far as the settings and not to a database, unless `variables` name one."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=server_environment("sqlite:///unused.sqlite3", **variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def run_nightly(
    database_url: str, *arguments: str, stderr: int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The nightly cycle as cron starts it, which has none of the secrets that the server needs."""
    return subprocess.run(
        [sys.executable, "manage.py", "run_nightly", *arguments],
        cwd=ROOT,
        env=server_environment(database_url, JWT_SECRET="", CRON_SECRET="", **variables),
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
