"""Real processes are killed from outside, at every phase and at random moments, and so is the database.

After each kill all tickets are as before the cycle or as after it, and once a cycle of the same key has been started
again, exactly one pass has been made: no ticket is moved twice, none is left out.
"""

from __future__ import annotations

import contextlib
import random
import resource
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.support.fakes.external_system import decides_in_thirds, external_system, stays_silent
from tests.support.installation import Installation, after_one_pass, an_installation, assert_one_entry_each
from tests.support.managepy import Command, Nursery
from tests.support.patience import until

TICKETS = 300  # new ones for each kill


installed = an_installation()


@pytest.fixture(scope="module")
def manage(installed: Installation) -> Iterator[Nursery]:
    with installed.commands() as made:
        yield made


@contextlib.contextmanager
def one_pass(installed: Installation, manage: Nursery, key: str) -> Iterator[None]:
    """The block begins a cycle with this key and kills something; it is then started again, which makes it whole."""
    installed.add_tickets(TICKETS)
    before = installed.statuses()
    expected = after_one_pass(before)
    yield
    left = installed.statuses()
    assert left in (before, expected)
    code, _out, log = manage.run("run_nightly", "--key", key)
    assert code == 0, log
    assert installed.statuses() == expected
    assert_one_entry_each(installed)
    assert set(installed.cycles()) <= {"SUCCEEDED", "FAILED"}
    if left == expected:
        assert installed.cycles()[-1] == "SUCCEEDED"


def kill(command: Command) -> None:
    command.kill()
    assert command.wait() in (-9, 0)  # it may have come to its end just before


# --- At every phase --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["began", "Exported", "Processed", "Imported"])
def test_a_kill_as_soon_as_a_phase_is_logged(installed: Installation, manage: Nursery, words: str) -> None:
    with one_pass(installed, manage, f"logged {words}"):
        command = manage.start("run_nightly", "--key", f"logged {words}")
        until(lambda: words in command.log.read_text())
        kill(command)


@pytest.mark.parametrize("phase", ["EXPORTING", "PROCESSING", "IMPORTING"])
def test_a_kill_as_soon_as_a_phase_stands_in_the_ledger(installed: Installation, manage: Nursery, phase: str) -> None:
    with one_pass(installed, manage, f"told {phase}"), closing(installed.connect()) as connection:
        query = "SELECT phase FROM csvsync_run WHERE kind = 'CYCLE' ORDER BY started_at DESC LIMIT 1"
        command = manage.start("run_nightly", "--key", f"told {phase}")
        # What comes next may stand there by the time that one looks.
        until(lambda: [(phase,)] == connection.execute(query).fetchall() or command.has_ended())
        kill(command)


def test_a_kill_while_the_external_system_is_asked(installed: Installation, manage: Nursery) -> None:
    with (
        external_system(stays_silent, decides_in_thirds) as system,
        installed.commands(CSV_PROCESSOR=system.url) as asking,
        one_pass(installed, asking, "asked"),
    ):
        command = asking.start("run_nightly", "--key", "asked")
        until(lambda: system.received)
        kill(command)
        assert installed.cycles()[-1] == "RUNNING"
    first, second = system.received
    assert first.body == second.body
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]


# The statement that the import waits for, and what holds it up there.
HELD_UP = {
    "taking over the rows of the file": "SELECT pg_advisory_lock(hashtext('csvsync_import'))",
    "moving the tickets": "SELECT id FROM tickets_ticket WHERE status = 'PENDING' FOR UPDATE",
    "writing history": "LOCK TABLE tickets_historyentry IN SHARE MODE",
    "noting what did not come back": "LOCK TABLE csvsync_unreturned IN SHARE MODE",
}


@pytest.mark.parametrize("moment", HELD_UP)
def test_a_kill_in_the_middle_of_the_import(installed: Installation, manage: Nursery, moment: str) -> None:
    """Held up by a lock of somebody else, so that it is certain where it is."""
    with one_pass(installed, manage, moment), closing(installed.connect()) as connection:
        connection.execute("BEGIN")
        if installed.cluster:
            connection.execute(HELD_UP[moment])
        command = start_held_up(installed, manage, connection, moment)
        kill(command)
        connection.execute("ROLLBACK")
        if installed.cluster:
            connection.execute("SELECT pg_advisory_unlock_all()")


def start_held_up(installed: Installation, manage: Nursery, connection: Any, key: str) -> Command:
    if installed.cluster:
        command = manage.start("run_nightly", "--key", key)
        until(lambda: installed.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        return command
    # Only one writes on SQLite, so what holds it up begins when the import is about to.
    connection.execute("ROLLBACK")
    command = manage.start("run_nightly", "--key", key)
    until(lambda: "Processed" in command.log.read_text())
    connection.execute("BEGIN IMMEDIATE")
    return command


# --- At any moment ---------------------------------------------------------------------------------------------------


def test_kills_at_random_moments(installed: Installation, manage: Nursery, long_run: bool) -> None:
    kills = 50 if long_run else 10
    with one_pass(installed, manage, "whole"):
        began = time.monotonic()
        assert manage.run("run_nightly", "--key", "whole")[0] == 0
        whole = time.monotonic() - began
    chance = random.Random("moments")
    finished = 0
    for number in range(kills):
        key = f"random {number}"
        with one_pass(installed, manage, key):
            command = manage.start("run_nightly", "--key", key)
            time.sleep(whole * (number + chance.random()) / kills)
            command.kill()
            finished += command.wait() == 0
    assert finished < kills


def test_the_database_server_is_killed(installed: Installation, manage: Nursery, long_run: bool) -> None:
    """All its processes are killed, and it is started again. The command's exit code tells what became of the cycle."""
    if installed.cluster is None:
        return  # SQLite has no process but the product's
    moments = ["began", "Exported", "Processed", "Processed", "Imported"] if long_run else ["Exported", "Processed"]
    for number, words in enumerate(moments):
        key = f"database {number}"
        with one_pass(installed, manage, key):
            command = manage.start("run_nightly", "--key", key)
            until(lambda: words in command.log.read_text())  # noqa: B023  # it is over before the next round
            time.sleep(0.02 * number)
            installed.cluster.kill()
            installed.cluster.start_again()
            assert {0: "SUCCEEDED", 1: "FAILED"}[command.wait()] == installed.cycles()[-1]


def test_the_disk_is_full(installed: Installation, manage: Nursery) -> None:
    """No file may grow beyond what is smaller than the export; on SQLite that is the database as well."""
    unlimited = resource.prlimit(manage.process.pid, resource.RLIMIT_FSIZE)
    with one_pass(installed, manage, "full"):
        before = installed.statuses()
        resource.prlimit(manage.process.pid, resource.RLIMIT_FSIZE, (16_000, unlimited[1]))
        code, _out, log = manage.run("run_nightly", "--key", "full")
        resource.prlimit(manage.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert (code, "The cycle failed" in log) == (1, True), log
        assert installed.statuses() == before
