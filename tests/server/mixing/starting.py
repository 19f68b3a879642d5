"""Starting the clients of tests in processes of their own, and ending them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.test import Client as Browser

from accounts.models import User
from accounts.signing_in.tokens import issue_token
from tests.support.patience import PATIENCE
from tests.support.server import ROOT


def started(module: str, orders: dict[str, Any], *arguments: str, output: IO[bytes] | None = None) -> Any:
    """A module of this folder, which reads its orders from the first line of its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.server.mixing.{module}", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=output,
    )
    assert process.stdin
    process.stdin.write(json.dumps(orders).encode() + b"\n")
    process.stdin.flush()
    return process


def end(process: Any) -> None:
    """End the process by ending its input, as its orders say."""
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


@contextmanager
def clients(module: str, people: list[User], folder: Path, port: int, **orders: Any) -> Iterator[dict[User, Path]]:
    """One for each person, with the files of what each was told; they act for as long as the block."""
    processes, notes = [], {user: folder / f"{user.pk}.notes" for user in people}
    for number, user in enumerate(people):
        browser = Browser()
        browser.force_login(user)
        own = {"token": issue_token(user), "session": browser.cookies["sessionid"].value, "name": user.email}
        with notes[user].open("wb") as output:
            processes.append(started(module, {"port": port, "seed": number, **own, **orders}, output=output))
    try:
        yield notes
    finally:
        for process in processes:
            end(process)
