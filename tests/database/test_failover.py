"""The database restarts, fails over, freezes or is away, and the server lives on."""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import requests
from django.db import OperationalError, connection

from config.database.postgresql import base, gate
from config.database.postgresql.base import answers
from config.database.postgresql.gate import PAUSE_SECONDS, Gate
from config.env import POOL
from config.serve.command import WORKERS
from tests.support.databases.postgres import wait_until_answering
from tests.support.installation import Installation, an_installation_on_postgresql, kill_postmaster
from tests.support.patience import wait_until
from tests.support.processes import children_of
from tests.support.served import Served, served

POOLED = 16  # connections of each worker
RECOVERED_SECONDS = 2  # from when the database takes connections


installed = an_installation_on_postgresql(lambda made: made.add_tickets(300))


@pytest.fixture(scope="module")
def pooling(installed: Installation | None) -> Iterator[Served | None]:
    """A desk that pools its connections."""
    if installed is None:
        yield None
        return
    with served(installed, workers=WORKERS, DATABASE_POOL="1") as desk:
        yield desk


def status_of(desk: Served, path: str = "/tickets?pageSize=1") -> int | str:
    try:
        return desk.api("GET", path).status_code
    except requests.RequestException as error:
        return type(error).__name__


def fill_pools(desk: Served) -> None:
    with ThreadPoolExecutor(24) as many:
        assert set(many.map(lambda _: status_of(desk, "/tickets?q=e&pageSize=50"), range(48))) == {200}


# --- After a restart ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", ["1", "0"])
def test_no_connection_of_before_a_restart_is_handed_out(
    installed: Installation | None, pooling: Served | None, pool: str
) -> None:
    if installed is None or pooling is None:
        return
    with nullcontext(pooling) if pool == "1" else served(installed, DATABASE_POOL=pool) as desk:
        fill_pools(desk)
        # Of the server alone: the rest of this statement's session stays.
        installed.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        assert Counter(status_of(desk) for _ in range(40)) == {200: 40}


@dataclass
class Load:
    """What clients got while they asked all the time: when they asked, what for, and the answer."""

    desk: Served
    answers: list[tuple[float, str, int | str]] = field(default_factory=list)
    # Ids of tickets by the titles that were answered with 201.
    made: dict[str, str] = field(default_factory=dict)

    def read(self) -> None:
        self._note("read", lambda: self.desk.api("GET", "/tickets?pageSize=5"))

    def create(self) -> None:
        title = f"{random.getrandbits(64):x}"
        body = {"title": title, "description": "d", "dueDate": "2030-01-01", "severity": "LOW"}
        answer = self._note("create", lambda: self.desk.api("POST", "/tickets", json=body))
        if answer is not None and answer.status_code == 201:
            self.made[title] = answer.json()["id"]

    def _note(self, what: str, ask: Callable[[], requests.Response]) -> requests.Response | None:
        asked_at = time.monotonic()
        try:
            answer = ask()
        except requests.RequestException as error:
            self.answers.append((asked_at, what, type(error).__name__))
            return None
        self.answers.append((asked_at, what, answer.status_code))
        return answer

    def since(self, moment: float) -> Counter[int | str]:
        return Counter(answer for asked_at, _what, answer in self.answers if asked_at >= moment)


@contextmanager
def under_load(desk: Served, clients: int = 6) -> Iterator[Load]:
    load, over = Load(desk), threading.Event()

    def ask(number: int) -> None:
        while not over.is_set():
            load.create() if number % 3 == 0 else load.read()
            over.wait(0.01)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        over.set()
        for thread in threads:
            thread.join()


def kill_backend(installed: Installation) -> None:
    """One of those that serve the desk. PostgreSQL then ends all others, and takes up its journal."""
    assert installed.cluster
    with closing(installed.connect()) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        [pid, *_rest] = [pid for [pid] in connection.execute(query).fetchall()]
        os.kill(pid, signal.SIGKILL)
        while connection.pgconn.status == psycopg.pq.ConnStatus.OK:  # its end says that the others' have come
            try:
                connection.execute("SELECT pg_sleep(0.01)")
            except psycopg.OperationalError:
                break
    wait_until_it_takes_connections(installed)


def wait_until_it_takes_connections(installed: Installation) -> None:
    assert installed.cluster
    wait_until_answering(installed.cluster.url(), installed.cluster.process)


@pytest.mark.parametrize("kill", [kill_postmaster, kill_backend])
def test_kills_of_the_database_under_load(
    installed: Installation | None, pooling: Served | None, kill: Callable[[Installation], None], long_run: bool
) -> None:
    """Two seconds after the database takes connections again everybody is served; what was answered is there, once."""
    if installed is None or pooling is None:
        return
    with under_load(pooling) as load:
        for _ in range(20 if long_run else 1):
            enough_answers(load, time.monotonic())
            kill(installed)
            recovered = time.monotonic() + RECOVERED_SECONDS
            enough_answers(load, recovered)
            assert set(load.since(recovered)) <= {200, 201}, load.since(recovered)
    # Whoever asked while it was away was told so, or the answer broke off; nothing was our fault.
    assert set(load.since(0)) <= {200, 201, 503, "ConnectionError", "ChunkedEncodingError"}
    titles = Counter(title for [title] in installed.rows("SELECT title FROM tickets_ticket WHERE title <> 'Printer'"))
    assert {title for title in load.made if titles[title] != 1} == set()
    assert {title for title, count in titles.items() if count > 1} == set()


def enough_answers(load: Load, moment: float) -> None:
    """Wait until many have asked since this moment."""
    wait_until(lambda: load.since(moment).total() >= 60, "few are answered")


# --- While it is away ------------------------------------------------------------------------------------------------


class BlackHole:
    """A port that takes connections and never says a word; `taken` counts them."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.socket.getsockname()[1]
        self.taken: list[socket.socket] = []
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.thread.start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self.socket.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for taken in self.taken:
            taken.close()


@pytest.mark.parametrize("pool", ["1", "0"])
def test_while_it_is_away_few_wait_and_the_rest_is_told_at_once(installed: Installation | None, pool: str) -> None:
    """Counted by those who wait for a connection: each holds one of the server's threads for some seconds."""
    if installed is None:
        return
    with ExitStack() as stack:
        hole = stack.enter_context(closing(BlackHole()))
        url = f"postgresql://desk@127.0.0.1:{hole.port}/desk"
        with served(installed, DATABASE_URL=url, DATABASE_POOL=pool) as desk:
            for burst in range(2):
                before, began = len(hole.taken), time.monotonic()
                with ThreadPoolExecutor(80) as many:
                    found = Counter(many.map(lambda _: status_of(desk), range(80)))
                assert found == {503: 80}
                tries = (time.monotonic() - began) / PAUSE_SECONDS + 1
                # At first nobody knows, so each thread may find out by itself; then one tries from time to time.
                allowed = (POOLED if burst == 0 else 0) + tries + 3
                assert len(hole.taken) - before <= allowed


@pytest.mark.django_db
def test_an_outage_of_any_length_shuts_nobody_out_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """More give up waiting than the queue of the pool has places."""
    if connection.vendor != "postgresql" or not (host := connection.settings_dict["HOST"]).startswith("/"):
        return  # the way to the database that is cut and mended here is the file of its socket
    monkeypatch.setattr(gate, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(base, "ANSWER_SECONDS", 0.05)
    pool = {**POOL, "max_waiting": 4, "timeout": 0.01, "reconnect_timeout": 0.01}
    options = {**connection.settings_dict["OPTIONS"], "pool": pool}
    away = base.DatabaseWrapper({**connection.settings_dict, "HOST": str(tmp_path), "OPTIONS": options}, "away")
    socket_file = f".s.PGSQL.{connection.settings_dict['PORT'] or 5432}"
    with closing(away), ExitStack() as stack:
        stack.callback(away.close_pool)
        for _ in range(8):
            with pytest.raises(OperationalError):
                away.ensure_connection()
        assert away.pool.get_stats()["requests_waiting"] == 0
        (tmp_path / socket_file).symlink_to(Path(host, socket_file))

        def answered() -> bool:
            with suppress(OperationalError):
                away.ensure_connection()
            return away.connection is not None

        wait_until(answered, "it is shut out for ever")


def test_the_gate_lets_one_through_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    gate = Gate()

    def passes(problem: Exception | None = None) -> bool:
        try:
            with gate.open():
                if problem:
                    raise problem
        except psycopg.OperationalError as error:
            return "a moment ago" not in str(error)
        return True

    away = psycopg.OperationalError("away")
    assert [passes() for _ in range(3)] == [True] * 3
    assert [passes(away), passes(), passes()] == [True, False, False]
    now += PAUSE_SECONDS
    assert [passes(away), passes()] == [True, False]
    now += PAUSE_SECONDS
    assert [passes(), passes(), passes()] == [True] * 3


def test_who_fails_late_does_not_shut_out_those_who_come_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several have waited since before the database answered again, and give up one after the other."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    gate, away = Gate(), psycopg.OperationalError("away")
    waiting = []
    for _ in range(4):
        waiting.append(gate.open())
        waiting[-1].__enter__()

    def give_up() -> None:
        assert not waiting.pop().__exit__(type(away), away, None)

    give_up()
    now += 0.6 * PAUSE_SECONDS
    give_up()
    now += 0.6 * PAUSE_SECONDS
    with gate.open():  # in spite of the second
        pass
    give_up()
    give_up()
    with gate.open():  # since somebody was answered
        pass


def test_a_question_to_a_frozen_database_has_an_end(installed: Installation | None) -> None:
    if installed is None:
        return
    with closing(installed.connect()) as connection:
        assert answers(connection, 10)
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert installed.cluster
        assert connection.info.backend_pid in children_of(installed.cluster.process.pid)
        os.kill(connection.info.backend_pid, signal.SIGSTOP)
        try:
            assert not answers(connection, 0.2)
        finally:
            os.kill(connection.info.backend_pid, signal.SIGCONT)


@pytest.mark.parametrize("pool", ["1", "0"])
def test_no_connection_compiles_its_plans(installed: Installation | None, pool: str) -> None:
    if installed is None:
        return
    asks = "from django.db import connection; c = connection.cursor(); c.execute('SHOW jit'); print(c.fetchone())"
    with installed.commands(DATABASE_POOL=pool) as manage:
        assert manage.run("shell", "--no-imports", "--command", asks)[1].strip() == "('off',)"


def test_a_connection_that_was_cut_does_not_answer(installed: Installation | None) -> None:
    if installed is None:
        return
    with closing(installed.connect()) as connection:
        installed.rows("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        assert not answers(connection, 10)
