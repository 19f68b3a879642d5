"""Processes of the server that die, are killed, or are told to stop while they are at work."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.signing_in.tokens import issue_token
from config.serve.command import APPLICATION
from tests.support.factories import associate
from tests.support.patience import PATIENCE, wait_until
from tests.support.processes import children_of, command_of, has_ended
from tests.support.server import ROOT, KillableServer, free_port, server_environment
from tests.support.sockets import answer, connect, is_closed, rest_of, said, status
from tickets.models import HistoryEntry, Ticket

PLAIN = "tests.support.plain_application:load"
TICKS = os.sysconf("SC_CLK_TCK")
NEW = {"description": "x", "dueDate": "2030-01-01T00:00:00Z", "severity": "LOW"}


class Served(KillableServer):
    def __init__(self, environment: dict[str, str], application: str = PLAIN) -> None:
        super().__init__(environment, application)

    def answering(self) -> int:
        """The number of the process that answers now."""
        return int(said(self.address, b"GET /pid HTTP/1.0\r\n\r\n").rpartition(b"\r\n")[2])

    def until_answered_by(self, wanted: Callable[[set[int]], bool]) -> None:
        """Every request on the way there has to be answered."""
        seen: set[int] = set()

        def ask() -> bool:
            seen.add(self.answering())
            return wanted(seen)

        wait_until(ask, "some never answer", pause=0)


@pytest.fixture
def plain() -> Iterator[Served]:
    served = Served(server_environment("sqlite:///unused.sqlite3"))
    yield served
    served.kill()


def started_after(pid: int, moment: float) -> float:
    """How many seconds after a moment of the clock since boot this process was started."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return ticks / TICKS - moment


def has_another(than: set[int], seen: set[int]) -> bool:
    return bool(seen - than)


def test_a_dead_worker_is_replaced_while_the_other_serves(plain: Served, long_run: bool) -> None:
    plain.until_answered_by(lambda seen: len(seen) == 2)
    for number in range(20 if long_run else 3):
        before = set(plain.workers)
        victim = sorted(before)[number % 2]
        killed = time.clock_gettime(time.CLOCK_BOOTTIME)
        os.kill(victim, signal.SIGKILL)
        plain.until_answered_by(partial(has_another, before))
        [successor] = set(plain.workers) - before
        # At once; a second is only waited for where the same place was filled less than a second ago.
        assert started_after(successor, killed) < 5
    assert plain.process.poll() is None


SUPERVISED = (
    "from config.server.supervisor import Supervisor, listen; "
    "Supervisor(listen('127.0.0.1', {port}), ['{worker}'], workers=2, stop_seconds=1).run()"
)


def test_where_no_successor_can_be_started_the_other_worker_goes_on(tmp_path: Path) -> None:
    """There may be no memory for a successor, say: that ends nothing, and is tried again."""
    worker = tmp_path / "worker"
    worker.write_text("#!/bin/sh\nexec sleep 300\n")
    worker.chmod(0o755)
    words = SUPERVISED.format(port=free_port(), worker=worker)
    with subprocess.Popen([sys.executable, "-c", words], cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            wait_until(lambda: [command_of(pid) for pid in children_of(process.pid)] == ["sleep 300"] * 2)
            first, second = children_of(process.pid)  # which have read the file by now
            worker.rename(tmp_path / "away")
            os.kill(first, signal.SIGKILL)
            assert process.stderr is not None
            said_by_it = [process.stderr.readline() for _ in range(2)]  # of the one that died, and of the next
            assert b"No worker can be started" in said_by_it[1]
            assert children_of(process.pid) == [second]
            (tmp_path / "away").rename(worker)
            wait_until(lambda: len(children_of(process.pid)) == 2)
        finally:
            process.terminate()


BESIDE = (
    "from config.server.supervisor import Supervisor, listen; "
    "Supervisor(listen('127.0.0.1', {port}), ['{worker}'], workers=1, stop_seconds=1, beside=[['{other}']]).run()"
)


def test_a_program_beside_the_workers_lives_as_long_as_they_do(tmp_path: Path) -> None:
    worker, other = tmp_path / "worker", tmp_path / "other"
    worker.write_text("#!/bin/sh\nexec sleep 300\n")
    other.write_text("#!/bin/sh\nexec sleep 301\n")
    for program in (worker, other):
        program.chmod(0o755)
    words = BESIDE.format(port=free_port(), worker=worker, other=other)
    with subprocess.Popen([sys.executable, "-c", words], cwd=ROOT, stderr=subprocess.DEVNULL) as process:

        def running() -> list[str]:
            return [command_of(pid) for pid in children_of(process.pid)]

        try:
            wait_until(lambda: running() == ["sleep 300", "sleep 301"])
            _worker, first = children_of(process.pid)
            os.kill(first, signal.SIGKILL)
            wait_until(lambda: first not in children_of(process.pid) and running() == ["sleep 300", "sleep 301"])
            children = children_of(process.pid)
        finally:
            process.terminate()
    assert all(map(has_ended, children))


def test_when_all_workers_die_nobody_is_turned_away(plain: Served) -> None:
    """Whoever connects meanwhile waits for the successors."""
    for victim in plain.workers:
        os.kill(victim, signal.SIGKILL)
    assert plain.answering()


def test_workers_do_not_outlive_what_watches_over_them(plain: Served) -> None:
    plain.until_answered_by(lambda seen: len(seen) == 2)
    workers = plain.workers
    plain.process.kill()
    plain.process.wait(PATIENCE)
    wait_until(lambda: all(map(has_ended, workers)))
    plain.start()  # on the same port
    assert plain.answering() not in workers


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_what_has_begun_is_answered_before_the_server_stops(plain: Served, sign: signal.Signals) -> None:
    plain.until_answered_by(lambda seen: len(seen) == 2)
    with connect(plain.address) as sock, connect(plain.address) as idle:
        idle.sendall(b"GET /x HTTP/1.1\r\n\r\n")
        assert answer(idle)[1] == b"GET /x 0"
        sock.sendall(b"POST /x HTTP/1.1\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        assert status(answer(sock)[0]) == 100  # so the head has been taken in
        sock.sendall(b"01234")
        os.killpg(plain.process.pid, sign)
        assert is_closed(idle)
        sock.sendall(b"56789")
        head, body = answer(sock)
        assert (status(head), body) == (200, b"POST /x 10")
        assert b"connection: close" in head.lower()
    assert plain.process.wait(PATIENCE) == 0


def test_whoever_insists_need_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request would be answered after a minute, and nothing else ends it in time."""
    monkeypatch.setattr("config.serve.command.STOP_SECONDS", 10 * PATIENCE)
    served = Served(server_environment("sqlite:///unused.sqlite3"))

    def insist() -> bool:
        served.process.send_signal(signal.SIGINT)
        return served.process.poll() is not None

    try:
        with connect(served.address) as sock:
            sock.sendall(b"POST /wait HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
            assert status(answer(sock)[0]) == 100  # so it is served, whenever the order to stop comes
            sock.sendall(b"x")
            wait_until(insist, pause=0.5)
            with contextlib.suppress(ConnectionResetError):
                assert rest_of(sock) == b""
    finally:
        served.kill()


class Clients:
    """People who raise tickets one after the other, and remember which were answered 201."""

    def __init__(self, port: int, count: int = 3) -> None:
        self.port, self.answered, self.over = port, [], threading.Event()  # type: ignore[var-annotated]  # of titles
        self.odd: list[tuple[int, bytes]] = []
        self.tokens = [issue_token(associate()) for _ in range(count)]
        self.threads = [threading.Thread(target=self.work, args=(token,)) for token in self.tokens]

    def work(self, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        number = 0
        while not self.over.is_set():
            number += 1
            title = f"{token[-8:]} {number}"
            with contextlib.suppress(OSError, http.client.HTTPException), closing(self.connect()) as client:
                client.request("POST", "/tickets", json.dumps({**NEW, "title": title}), headers)
                found = client.getresponse()
                body = found.read()
                if found.status == 201:
                    self.answered.append(title)
                elif found.status != 503:
                    self.odd.append((found.status, body))

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def __enter__(self) -> Clients:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def until_some_more(self) -> None:
        before = len(self.answered)
        wait_until(lambda: len(self.answered) >= before + 5, "nobody is served any more")


@pytest.mark.django_db(transaction=True)
def test_what_was_answered_is_there_and_nothing_twice(database_url: str, long_run: bool) -> None:
    """Workers are killed at work, and then all of the server, which is started again."""
    served = Served(server_environment(database_url, JWT_SECRET=settings.JWT_SECRET), APPLICATION)
    try:
        with Clients(served.port) as clients:
            for number in range(20 if long_run else 2):
                clients.until_some_more()
                wait_until(lambda: len(served.workers) == 2)  # the successor may not have been started yet
                os.kill(served.workers[number % 2], signal.SIGKILL)
            for _ in range(20 if long_run else 1):
                clients.until_some_more()
                served.kill()
                served.start()
            clients.until_some_more()
    finally:
        served.kill()
    assert clients.odd == []
    titles = list(Ticket.objects.values_list("title", flat=True))
    assert len(titles) == len(set(titles))
    assert set(clients.answered) <= set(titles)
    assert len(clients.answered) == len(set(clients.answered))
    numbers = sorted(Ticket.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert HistoryEntry.objects.count() == len(numbers)
    connection.close()
