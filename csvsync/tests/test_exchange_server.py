"""Cycles on the real server: callers that hang up, that call at once, and a server that is killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import urlsplit

import pytest

from config.serve.command import server_command
from csvsync.models import Run
from tests.support import factories
from tests.support.csv_files import imported_entries, status_of
from tests.support.fakes.external_system import ExternalSystem, Handler, closes_all, external_system
from tests.support.patience import PATIENCE, wait_until
from tests.support.server import ROOT, free_port, server_environment, wait_until_live
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "a-cron-secret-that-is-long-enough-to-be-one"
gate = threading.Event()


def closes_all_when_the_gate_opens(handler: Handler) -> None:
    gate.wait(PATIENCE)
    closes_all(handler)


class Server:
    """The production server with all its processes, in a group of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        command = server_command("127.0.0.1", self.port)
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        wait_until_live(f"http://127.0.0.1:{self.port}", self.process)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def nightly(self, key: str | None = None) -> tuple[int, Any]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            headers = {"x-cron-secret": SECRET} | ({"Idempotency-Key": key} if key else {})
            connection.request("POST", "/automation/nightly", b"", headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def call_and_hang_up(self, key: str, system: ExternalSystem) -> None:
        """Start a cycle and go away as soon as it is on its way."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as caller:
            head = f"POST /automation/nightly HTTP/1.1\r\nHost: localhost\r\nx-cron-secret: {SECRET}\r\n"
            caller.sendall(f"{head}Idempotency-Key: {key}\r\nContent-Length: 0\r\n\r\n".encode())
            until_asked(system, 1)


@pytest.fixture
def system() -> Iterator[ExternalSystem]:
    gate.clear()
    with external_system(closes_all_when_the_gate_opens) as running:
        yield running
        gate.set()


@pytest.fixture
def environment(database_url: str, system: ExternalSystem) -> dict[str, str]:
    assert urlsplit(system.url).hostname == "localhost"
    return server_environment(database_url, CRON_SECRET=SECRET, CSV_PROCESSOR=system.url)


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[Server]:
    started = Server(environment)
    try:
        yield started
    finally:
        started.kill()


def until_asked(system: ExternalSystem, times: int) -> None:
    wait_until(lambda: len(system.received) >= times)


def state_of_cycle() -> str:
    return Run.objects.get(kind="CYCLE").state


def assert_closed_once(tickets: list[Ticket]) -> None:
    assert [status_of(ticket) for ticket in tickets] == ["CLOSED"] * len(tickets)
    assert [len(imported_entries(ticket)) for ticket in tickets] == [1] * len(tickets)


def test_a_caller_that_hangs_up_does_not_stop_the_cycle(server: Server, system: ExternalSystem) -> None:
    tickets = [factories.ticket("PENDING") for _ in range(3)]
    server.call_and_hang_up("night", system)
    time.sleep(0.5)  # for the server to notice
    cycle = Run.objects.get(kind="CYCLE")
    assert (cycle.state, cycle.phase, cycle.counts) == ("RUNNING", "PROCESSING", {"exported": 3})
    assert server.nightly("night")[0] == 409
    gate.set()
    wait_until(lambda: state_of_cycle() != "RUNNING")
    assert state_of_cycle() == "SUCCEEDED"
    assert_closed_once(tickets)
    status, result = server.nightly("night")
    assert (status, result["importResult"]["updatedCount"]) == (201, 3)
    assert len(system.received) == 1


def test_of_two_calls_at_once_one_runs_and_one_is_refused(server: Server, system: ExternalSystem) -> None:
    with ThreadPoolExecutor(2) as pool:
        for number in range(1, 21):
            gate.clear()
            ticket = factories.ticket("PENDING")
            calls = [pool.submit(server.nightly) for _ in range(2)]
            until_asked(system, number)
            wait(calls, PATIENCE, FIRST_COMPLETED)
            [status] = [call.result()[0] for call in calls if call.done()]
            assert status == 409
            gate.set()
            assert sorted(call.result()[0] for call in calls) == [201, 409]
            assert_closed_once([ticket])
    assert Run.objects.filter(kind="CYCLE").count() == 20


def test_a_server_that_is_killed_in_a_cycle_makes_up_for_it(
    environment: dict[str, str], system: ExternalSystem
) -> None:
    tickets = [factories.ticket("PENDING") for _ in range(3)]
    first = Server(environment)
    try:
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(first.nightly, "night")
            until_asked(system, 1)
            first.kill()
            assert isinstance(call.exception(), OSError | http.client.HTTPException)
    finally:
        first.kill()
    assert state_of_cycle() == "RUNNING"
    assert {status_of(ticket) for ticket in tickets} == {"PENDING"}
    gate.set()
    second = Server(environment)
    try:
        status, result = second.nightly("night")
    finally:
        second.kill()
    assert (status, result["importResult"]["updatedCount"]) == (201, 3)
    assert list(Run.objects.cycles().order_by("started_at").values_list("state", flat=True)) == ["FAILED", "SUCCEEDED"]
    assert_closed_once(tickets)
