"""Other processes that judge a share of an audit, as the process that carries it out speaks to them.

Python uses one processor for all threads of a process, and an audit is mostly computing. So where there is much to
judge, each further processor gets a process. It is a program of its own (config/audit/assisting.py) and no fork: a fork
would begin with this process's connection to the database, which it must not touch, and on SQLite could not even open
one of its own without losing its locks.

Both speak in lines of JSON, an assistant's standard input being what it is asked and its standard output what it says.
"""

from __future__ import annotations

import json
import os
import select
import subprocess  # nosec B404 # for our own command only
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, Self, cast

from django.conf import settings

# What an assistant says once it is connected, and again once it sees the snapshot.
READY = "ready"
SECONDS_TO_END = 10.0


class Lost(Exception):
    """An assistant has ended before its work was done: nobody can say what it would have found."""


class Assistant:
    """A process that is given one snapshot and then any number of pieces of work. As a context it ends with it."""

    def __init__(self, database: str) -> None:
        """Start it, to connect to the database of this name. Raises OSError where there is no room for it."""
        self.process = subprocess.Popen(  # noqa: S603  # nosec B603 # our own command
            [sys.executable, "-m", "config.audit.assisting", database],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_POOL": "0"},  # it needs one connection
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.questions = cast("IO[str]", self.process.stdin)
        self.answers = cast("IO[str]", self.process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let it end, or end it where something has gone wrong. Either way it is gone afterwards."""
        if kind is not None:
            self.process.kill()
        with suppress(OSError):  # what it was asked and has not read any more
            self.questions.close()
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.answers.close()

    def has_loaded(self) -> bool:
        """Whether it is there and connected; waits for that. False where it has ended."""
        return bool(self._answer() == READY)

    def invite(self, snapshot: str) -> None:
        """Have it begin to read, by the name that config.database.snapshot has for what all are to see."""
        with suppress(OSError):  # it has ended, as `has_joined` will find
            self._ask(snapshot)

    def has_joined(self, until: float) -> bool:
        """Whether it sees the snapshot by that time of `time.monotonic`. One that does not is ended."""
        readable, _, _ = select.select([self.answers], [], [], max(0.0, until - time.monotonic()))
        joined = bool(readable) and self._answer() == READY
        if not joined:
            self.process.kill()
        return joined

    def ask(self, function: str, arguments: Sequence[Any]) -> None:
        """Hand it a piece of work: a function by its path, and what JSON can carry. Raises Lost.

        It may have several before it; what it says to them comes in their order.
        """
        try:
            self._ask([function, arguments])
        except OSError:
            raise self._lost() from None

    def said(self) -> Iterator[list[str] | dict[str, int]]:
        """What it says to the next piece: all that is wrong, and in the end how much it has seen. Raises Lost."""
        while (answer := self._answer()) is not None:
            yield answer
            if isinstance(answer, dict):
                return
        raise self._lost()

    def _ask(self, question: Any) -> None:
        self.questions.write(json.dumps(question) + "\n")
        self.questions.flush()

    def _answer(self) -> Any:
        """The next one; None where it has ended, in the middle of one perhaps."""
        line = self.answers.readline()
        return json.loads(line) if line.endswith("\n") else None

    def _lost(self) -> Lost:
        code = self.process.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}, and has said why,"
        return Lost(
            f"Process {self.process.pid}, which had a share of the audit, {how} before it was done. Nothing is known of"
            " what it had to judge: audit again. Where memory is short, audit with `--processes 1`."
        )
