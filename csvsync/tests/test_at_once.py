"""Two cycles that are started at once, from two processes: one runs, one is refused, always."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.databases.pgbouncer import pgbouncer
from tests.support.fakes.external_system import Behaviour, ExternalSystem, decides_in_thirds, external_system
from tests.support.installation import Installation, after_one_pass, an_installation, assert_one_entry_each
from tests.support.managepy import Nursery
from tests.support.patience import PATIENCE, until

ROUNDS, SHORT = 20, 5
gate = threading.Event()


def decides_when_the_gate_opens(handler: object) -> None:
    gate.wait(PATIENCE)
    decides_in_thirds(handler)  # type: ignore[arg-type]  # the handler it was given


@pytest.fixture(scope="module")
def system() -> Iterator[ExternalSystem]:
    behaviour: Behaviour = decides_when_the_gate_opens
    with external_system(behaviour) as running:
        yield running


installed = an_installation()


def start_at_once(installed: Installation, pair: list[Nursery]) -> None:
    """The external system holds its answer back until one of the two has ended, so they certainly overlap."""
    installed.add_tickets(30)
    expected = after_one_pass(installed.statuses())
    gate.clear()
    commands = [manage.start("run_nightly") for manage in pair]
    until(lambda: any(command.has_ended() for command in commands))
    refused, running = sorted(commands, key=lambda command: not command.has_ended())
    assert refused.wait() == 75, refused.log.read_text()
    assert "A cycle has been running since" in refused.log.read_text()
    assert not running.has_ended()
    gate.set()
    assert running.wait() == 0, running.log.read_text()
    assert installed.statuses() == expected
    assert_one_entry_each(installed)


def test_of_two_commands_one_runs_and_one_is_refused(
    installed: Installation, system: ExternalSystem, long_run: bool
) -> None:
    with ExitStack() as stack:
        pair = [stack.enter_context(installed.commands(CSV_PROCESSOR=system.url)) for _ in range(2)]
        for _ in range(ROUNDS if long_run else SHORT):
            start_at_once(installed, pair)


@pytest.mark.pgbouncer
def test_the_same_through_a_pooler_in_transaction_mode(
    installed: Installation, system: ExternalSystem, long_run: bool
) -> None:
    if installed.cluster is None:
        return  # SQLite has no server that could be pooled
    with ExitStack() as stack:
        variables = {"DATABASE_URL": stack.enter_context(pgbouncer(installed.cluster)), "DATABASE_POOL": "0"}
        pair = [stack.enter_context(installed.commands(CSV_PROCESSOR=system.url, **variables)) for _ in range(2)]
        for _ in range(ROUNDS if long_run else SHORT):
            start_at_once(installed, pair)
