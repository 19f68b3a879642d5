"""What the other tests rely on: that nothing outlives its test unseen, and that loading much takes no luck."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.support import factories, leftovers, many, patience, plugin, shares
from tests.support.leftovers import Watch, after_a_while
from tests.support.patience import PATIENCE, own_seconds, wait_until, waiting_in
from tests.support.processes import command_of
from tests.support.server import ROOT
from tickets.models import HistoryEntry, Ticket


def on_postgresql() -> bool:
    return connection.vendor == "postgresql"


# --- What outlives its test ------------------------------------------------------------------------------------------


def test_a_thread_that_goes_on_is_found() -> None:
    watch, over = Watch(sessions=False), threading.Event()
    thread = threading.Thread(target=over.wait, name="straggler")
    thread.start()
    assert watch.left() == ["thread straggler"]
    over.set()
    thread.join()
    assert watch.left() == []


def test_a_process_that_goes_on_is_found_and_one_that_was_started_again_is_not() -> None:
    command = [sys.executable, "-c", "input()"]
    first = subprocess.Popen(command, stdin=subprocess.PIPE)
    wait_until(lambda: command_of(first.pid) == " ".join(command))  # for a moment it has other words, or none
    watch = Watch(sessions=False)
    first.communicate()
    second = subprocess.Popen(command, stdin=subprocess.PIPE)
    wait_until(lambda: watch.left() == [])
    third = subprocess.Popen(command, stdin=subprocess.PIPE)
    wait_until(lambda: watch.left() == [f"process {' '.join(command)}"])
    for process in (second, third):
        process.communicate()
    assert watch.left() == []


@pytest.mark.django_db(transaction=True)
def test_a_session_of_another_process_is_found_and_can_be_ended(database_url: str) -> None:
    if not on_postgresql():
        return
    watch = Watch(sessions=True)
    with closing(psycopg.connect(database_url, application_name="somebody else")) as other:
        other.execute("SELECT 'held'")
        [found] = watch.left()
        assert "of 'somebody else', idle in transaction" in found
        assert found.endswith("SELECT 'held'")
        leftovers.end_sessions()
        assert after_a_while(watch.left) == []


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_a_thread_keeps_is_found() -> None:
    if not on_postgresql():
        return
    watch = Watch(sessions=True)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: connection.ensure_connection()).result()  # each thread has its own
        left = " ".join(watch.left())
        pool.submit(lambda: connection.close()).result()
    assert "1 connections of threads that did not close theirs; last asked on all of them: [" in left
    assert watch.left() == []


# --- How long things take --------------------------------------------------------------------------------------------


def test_own_time_is_that_of_the_clock_where_nobody_else_wants_the_processor() -> None:
    began = time.monotonic()
    with own_seconds() as took:
        time.sleep(0.2)
    by_the_clock = time.monotonic() - began
    assert took() <= by_the_clock
    assert by_the_clock >= 0.2


def test_own_time_leaves_out_what_threads_waited_for_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = iter([{"1": 5.0}, {"1": 5.05, "2": 0.02}])
    monkeypatch.setattr(patience, "_waited_for_a_processor", lambda: next(accounts))
    began = time.monotonic()
    with own_seconds() as took:
        time.sleep(0.2)
    by_the_clock = time.monotonic() - began
    assert took() + 1e-9 >= 0.13
    assert took() <= by_the_clock - 0.07
    waits = iter([{}, {"1": 100.0, "2": 100.0}])
    monkeypatch.setattr(patience, "_waited_for_a_processor", lambda: next(waits))
    with own_seconds() as took:
        pass
    assert took() == 0


def test_who_waits_in_a_function_can_be_counted() -> None:
    over = threading.Event()

    def wait() -> None:
        over.wait(PATIENCE)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    assert waiting_in(wait.__code__) == 0
    for thread in threads:
        thread.start()
    wait_until(lambda: waiting_in(wait.__code__) == 3)
    over.set()
    for thread in threads:
        thread.join()


# --- Much in little time ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whoever_is_marked_to_need_no_database_may_not_ask_one(request: pytest.FixtureRequest) -> None:
    plugin.pytest_runtest_setup(request.node)
    request.node.add_marker(plugin.NO_DATABASE)
    with pytest.raises(pytest.fail.Exception, match="asks a database"):
        plugin.pytest_runtest_setup(request.node)


@pytest.mark.django_db
def test_tickets_are_doubled_whatever_the_database_believes_of_its_tables() -> None:
    """It once took these for empty, and went through 10 000 rows for each of 10 000."""
    factories.ticket("CLOSED")
    factories.ticket("REVIEW")
    for _ in range(13):
        if on_postgresql():
            with connection.cursor() as cursor:  # as if it had looked while they were empty
                cursor.execute("UPDATE pg_class SET reltuples = 0, relpages = 1 WHERE relname LIKE 'tickets%'")
        many.double_tickets(1)
    assert Ticket.objects.count() == 2 << 13
    assert HistoryEntry.objects.count() == 5 << 13
    assert Ticket.objects.filter(status="CLOSED", history__action="imported").count() == 1 << 13
    if on_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'tickets_ticket'")
            assert cursor.fetchone() == (2 << 13,)


# --- Programs --------------------------------------------------------------------------------------------------------


def test_ci_installs_what_tests_are_marked_with() -> None:
    script = Path(ROOT, ".ci/run").read_text()
    [names] = re.findall(r"for name in (.*); do\n\s+if git grep .*mark", script)
    [always] = re.findall(r"^needed=\((.*)\)$", script, re.MULTILINE)
    assert {*names.split(), *always.split()} == set(plugin.PROGRAMS)


# --- Who runs which test ---------------------------------------------------------------------------------------------


class Sketch:
    """As much of a collected test as its place in the order depends on."""

    def __init__(self, path: str, number: int, *, waits: bool) -> None:
        self.path, self.number, self.waits, self.module = Path(path), number, waits, sys.modules["string"]

    def get_closest_marker(self, name: str) -> bool:
        return self.waits and name == "chromium"

    def __repr__(self) -> str:
        return f"{self.path}{self.number}"


@pytest.mark.no_database
def test_who_waits_begins_each_share_and_no_test_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    sketches: list[Any] = [Sketch(path, number, waits=False) for path in "abcd" for number in range(4)]
    sketches += [Sketch(path, number, waits=True) for path in "wxyz" for number in range(2)]
    sketches.append(Sketch("a", 4, waits=False))
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    assert str(shares.in_shares(sketches)) == (
        "[w0, w1, z0, z1, a0, a1, a2, a3, a4, x0, x1, b0, b1, b2, b3, c0, c1, c2, y0, y1, c3, d0, d1, d2, d3]"
    )
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "1")
    assert shares.in_shares(sketches) == sketches
