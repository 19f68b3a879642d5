"""What the kernel says about processes that are not children of this one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Those that the first thread of a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def server_workers() -> list[int]:
    """The workers of every server that this process has started."""
    servers = [child for child in children_of(os.getpid()) if "config.server" in command_of(child)]
    return [worker for server in servers for worker in children_of(server)]


def temporary_bytes(pids: Iterable[int], folder: Path) -> int:
    """What these processes keep in files of this folder, most of which have no name."""
    total = 0
    for link in (link for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir()):
        with suppress(OSError):  # it has been closed meanwhile
            if str(link.readlink()).startswith(f"{folder}/"):
                total += link.stat().st_size
    return total


def has_ended(pid: int) -> bool:
    """Whether a process has ended, even if its parent has not asked for its end yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def command_of(pid: int) -> str:
    """The words it was started with."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return "has ended"
