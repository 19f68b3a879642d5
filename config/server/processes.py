"""Tells whether a process that has begun something, of which a record is left, is still alive.

A process is named by where it runs (machine, boot and process namespace) and by its number together with its start,
since numbers are given again. Only a process that is known to have run right here can be known to be gone.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class ProcessName(NamedTuple):
    """`started` is in ticks since the machine's start; None where the system does not tell."""

    host: str
    pid: int
    started: int | None


def this_process() -> ProcessName:
    return ProcessName(_here(), os.getpid(), _started(os.getpid()))


def is_gone(process: ProcessName) -> bool:
    """Whether the process has certainly ended. False where that cannot be told from this machine."""
    if process.started is None or process.host != _here():
        return False
    return _started(process.pid) != process.started


@cache
def _here() -> str:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (PROC / "self/ns/pid").readlink()
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()} {boot} {namespace}"


def _started(pid: int) -> int | None:
    """When the process started; None where there is no such process, or only what is left of one that has ended."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The second field is the program's name, in parentheses, and may itself hold spaces and parentheses.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])
