"""One audit by several processes that all see the same snapshot of the database.

Each piece of work is a function by which a check looks at a part of the tables. Pieces are dealt out like cards, and
what they yield comes in the order of the pieces, so that it is the same by whomever it was found.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection

from config.audit.assistants import Assistant
from config.audit.findings import Finding, Scope
from config.database.snapshot import snapshot

log = logging.getLogger(__name__)

# How long all that have loaded may take to begin to read, which is some thousandths of a second where nothing is amiss.
# On SQLite nobody can write meanwhile, and writers wait for five seconds.
SECONDS_TO_JOIN = {"postgresql": 30.0, "sqlite": 3.0}

type Check = Callable[..., Iterator[Finding]]


@contextmanager
def shared_snapshot(scope: Scope) -> Iterator[None]:
    """A snapshot, and in it as many assistants as the scope allows and as can be had.

    None for a single ticket, and none inside of a transaction, which may have written what others cannot see.
    """
    if scope.ticket or scope.processes == 1 or connection.in_atomic_block:
        with snapshot():
            yield
        return
    with ExitStack() as stack:
        loaded = _loaded(stack, scope.processes - 1)

        def share(name: str) -> None:
            until = time.monotonic() + SECONDS_TO_JOIN[connection.vendor]
            for assistant in loaded:
                assistant.invite(name)
            scope.assistants = [assistant for assistant in loaded if assistant.has_joined(until)]

        with snapshot(share):
            if missing := scope.processes - 1 - len(scope.assistants):
                log.warning("The audit has %d processes less than it could have had; the others do all.", missing)
            yield


def _loaded(stack: ExitStack, count: int) -> list[Assistant]:
    """So many assistants, started side by side, those left out that could not be."""
    database, started = str(connection.settings_dict["NAME"]), list[Assistant]()
    try:
        while len(started) < count:
            started.append(stack.enter_context(Assistant(database)))
    except OSError as error:
        log.warning("A process for the audit could not be started: %s", error)
    return [assistant for assistant in started if assistant.has_loaded()]


def spread(
    scope: Scope, check: Check, pieces: Sequence[Sequence[Any]], *, to_each_assistant: int = 1
) -> Iterator[Finding]:
    """What `check(scope, *piece)` yields for each piece. Raises Lost where an assistant ends before it is done.

    `check` is a function of a module, and a piece is what JSON can carry. Pieces are dealt before this returns, so many
    in a row to each assistant and then one to this process, which turns to its own once they are asked for.
    """
    seats: list[Assistant | None] = [*scope.assistants * to_each_assistant, None]
    for number, piece in enumerate(pieces):
        if assistant := seats[number % len(seats)]:
            assistant.ask(f"{check.__module__}.{check.__qualname__}", piece)
    return _all_said(scope, check, pieces, seats)


def _all_said(
    scope: Scope, check: Check, pieces: Sequence[Sequence[Any]], seats: Sequence[Assistant | None]
) -> Iterator[Finding]:
    for number, piece in enumerate(pieces):
        assistant = seats[number % len(seats)]
        yield from _said(scope, assistant) if assistant else check(scope, *piece)


def _said(scope: Scope, assistant: Assistant) -> Iterator[Finding]:
    for answer in assistant.said():
        if isinstance(answer, dict):
            scope.count(**answer)
        else:
            yield Finding(*answer)
