"""`manage.py` in processes of their own that are quick to make, for tests that kill them.

`python -m tests.support.managepy` loads the product once and then makes a child for each command that it is asked
for. The child is an ordinary process: its number, its files and its end are its own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

from django.core.management import execute_from_command_line

from tests.support.patience import PATIENCE
from tests.support.processes import has_ended

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Command:
    """A command that runs. Until it is waited for, its number belongs to nobody else."""

    nursery: Nursery
    pid: int
    out: Path
    log: Path

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def has_ended(self) -> bool:
        return has_ended(self.pid)

    def wait(self) -> int:
        """Its exit code; of one that was killed, minus the signal's number."""
        return int(self.nursery.ask(wait=self.pid))


class Nursery:
    """Starts commands; each has its standard output and error in files of `folder`."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process, self.folder, self.numbers = process, folder, count(1)

    def start(self, *arguments: str) -> Command:
        name = f"{self.process.pid}-{next(self.numbers)}"
        out, log = self.folder / f"{name}.out", self.folder / f"{name}.log"
        log.touch()
        return Command(self, int(self.ask(arguments=arguments, out=str(out), log=str(log))), out, log)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        command = self.start(*arguments)
        code = command.wait()
        return code, command.out.read_text(), command.log.read_text()

    def ask(self, **request: object) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: str = self.process.stdout.readline()
        return answer


@contextlib.contextmanager
def nursery(environment: dict[str, str], folder: Path) -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.managepy"],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nursery(process, folder)
    finally:
        process.communicate(timeout=PATIENCE)


def serve(requests: IO[str], answers: IO[str]) -> None:
    for line in requests:
        request = json.loads(line)
        if pid := request.get("wait"):
            answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        else:
            answer = os.fork() or become(request)
        answers.write(f"{answer}\n")
        answers.flush()


def become(request: dict[str, str]) -> int:
    """Turn this process into the command; does not return."""
    code = 1
    try:
        for number, name in ((1, "out"), (2, "log")):
            os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  # what stood in the old one is the parent's
        execute_from_command_line(["manage.py", *request["arguments"]])
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except Exception:  # noqa: BLE001  # as the interpreter would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    import django

    django.setup()
    # What a first cycle would have to load, so that the children have it.
    importlib.import_module("csvsync.management.commands.run_nightly")
    serve(sys.stdin, sys.stdout)
