"""What the measurements share: an installation to measure, who signs in, times and memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.processes import children_of
from tests.support.server import ROOT

ASSOCIATE, MANAGER = "associate@example.com", "manager@example.com"
PASSWORD = "Password123!"

# Calls whose times do not count: the first ones pay for connections and caches.
WARMING_UP = 10


def set_up(environment: dict[str, str], tickets: int) -> None:
    """An installation with its demo accounts and so many tickets."""
    for command in (["migrate", "--verbosity=0"], ["demo", f"--tickets={tickets}"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


def median(call: Callable[[], object], times: int) -> float:
    """Median milliseconds of so many calls, one after the other, after WARMING_UP others."""
    for _ in range(WARMING_UP):
        call()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


def server_processes() -> list[int]:
    """The server that this process has started, and its workers."""
    return [pid for pid in descendants(os.getpid()) if is_server(pid)]


def is_server(pid: int) -> bool:
    try:
        return "config.server" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:  # it has ended meanwhile
        return False


def descendants(pid: int) -> list[int]:
    try:
        children = children_of(pid)
    except OSError:  # it has ended meanwhile
        return []
    return children + [found for child in children for found in descendants(child)]
