"""Nothing is cut short or lost behind PgBouncer, which hands its connections on from transaction to transaction.

Everything that streams, and every command, is asked for by many at once, who share four connections.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg
import pytest
import requests

from config.serve.command import WORKERS
from tests.support.csv_files import count_rows
from tests.support.databases.pgbouncer import pgbouncer
from tests.support.installation import Installation, an_installation_on_postgresql
from tests.support.keyed import TICKET
from tests.support.managepy import Nursery
from tests.support.patience import PATIENCE, wait_until
from tests.support.served import Served, served

pytestmark = pytest.mark.pgbouncer

TICKETS = 3000
ROUNDS = 40  # of everything below at once
FILE = "id,ticket_number,status\n" + "".join(f",TKT-2025-{n:06d},WRONG\n" for n in range(1, TICKETS + 1))


installed = an_installation_on_postgresql(lambda made: made.add_tickets(TICKETS))


@dataclass
class Pooled:
    """PgBouncer's address, and a desk that is served behind it and pools nothing itself."""

    url: str
    desk: Served


@pytest.fixture(scope="module")
def pooled(installed: Installation | None) -> Iterator[Pooled | None]:
    if installed is None or installed.cluster is None:
        yield None
        return
    with (
        pgbouncer(installed.cluster) as url,
        served(installed, workers=WORKERS, DATABASE_URL=url, DATABASE_POOL="0") as desk,
    ):
        yield Pooled(url, desk)


class Asked:
    """What is asked for at once; each answer is complete or the test fails."""

    def __init__(self, desk: Served) -> None:
        self.desk, self.browser = desk, desk.desk()
        rejected = desk.api("POST", "/csv/import", files={"file": ("f.csv", FILE)})
        assert rejected.json()["errorsCount"] == TICKETS, rejected.text
        runs = desk.api("GET", "/csv/runs").json()["items"]
        self.run = runs[0]["id"]

    def export(self) -> int:
        return count_rows(self.desk.api("GET", "/csv/export/pending").text)

    def process(self) -> int:
        return count_rows(self.desk.api("POST", "/csv/auto-process", files={"file": ("f.csv", FILE)}).text)

    def errors(self) -> int:
        return count_rows(self.desk.api("GET", f"/csv/runs/{self.run}/errors").text)

    def dry_run(self) -> int:
        answer = self.desk.api("POST", "/csv/import?dryRun=true", files={"file": ("f.csv", FILE)})
        return int(answer.json()["errorsCount"])

    def page(self, path: str) -> int:
        answer = self.browser.get(f"{self.desk.address}{path}", timeout=PATIENCE)
        assert answer.status_code == 200, answer.text[:500]
        return count_rows(answer.text)

    def download(self) -> int:
        return self.page("/desk/tickets/download/")

    def download_sorted(self) -> int:
        return self.page("/desk/tickets/download/?sort=-severity&status=PENDING")

    def export_page(self) -> int:
        return self.page("/desk/exchange/export/?status=PENDING")

    def quality(self) -> int:
        answer = self.desk.api("GET", "/ai/quality")
        return TICKETS if answer.status_code == 200 else answer.status_code


STREAMED = ("export", "process", "errors", "dry_run", "download", "download_sorted", "export_page", "quality")


@pytest.mark.parametrize("pool", ["0", "1"])
def test_everything_that_streams_is_complete(
    installed: Installation | None, pooled: Pooled | None, pool: str, long_run: bool
) -> None:
    if installed is None or pooled is None:
        return
    with ExitStack() as stack:
        desk = pooled.desk
        if pool == "1":
            desk = stack.enter_context(served(installed, DATABASE_URL=pooled.url, DATABASE_POOL="1"))
        asked = Asked(desk)
        answers = stack.enter_context(ThreadPoolExecutor(12))
        for _ in range(ROUNDS if long_run else 1):
            futures = {name: answers.submit(getattr(asked, name)) for name in STREAMED}
            found = {name: future.result() for name, future in futures.items()}
            assert found == dict.fromkeys(STREAMED, TICKETS)


COMMANDS: list[list[str]] = [
    ["run_nightly", "--dry-run"],
    ["evaluate_triage"],
    ["migrate", "--verbosity=0"],
    ["run_nightly"],
]


def test_every_command_comes_to_its_end(installed: Installation | None, pooled: Pooled | None) -> None:
    """Others are asking all the time, so that no connection stays with the command that it was first given to."""
    if installed is None or pooled is None:
        return
    with ExitStack() as stack:
        manage = stack.enter_context(installed.commands(DATABASE_URL=pooled.url, DATABASE_POOL="0"))
        over = threading.Event()
        stack.callback(over.set)
        others = [threading.Thread(target=ask_until, args=(over, pooled.desk)) for _ in range(3)]
        for other in others:
            other.start()
        for command in COMMANDS:
            code, out, log = manage.run(*command)
            assert code == 0, (command, out, log)
        assert_audit_by_three_processes(manage)
        over.set()
        for other in others:
            other.join()
        assert set(installed.cycles()) == {"SUCCEEDED"}
        left = [status for [status] in installed.rows("SELECT status FROM tickets_ticket WHERE deleted_at IS NULL")]
        assert {status: left.count(status) for status in left} == {"PENDING": 1000, "OPEN": 1000, "CLOSED": 1000}


def assert_audit_by_three_processes(manage: Nursery) -> None:
    """The tickets have come without a history, so each is named, in the order of numbers."""
    code, out, log = manage.run("audit", "--processes", "3")
    named = dict.fromkeys(line[:15] for line in out.splitlines() if line.startswith("TKT-2025-"))
    assert (code, list(named)) == (1, [f"TKT-2025-{number:06d}" for number in range(1, TICKETS + 1)]), log
    assert ", by 3 processes." in out, log


def ask_until(over: threading.Event, desk: Served) -> None:
    while not over.is_set():
        desk.api("GET", "/tickets?pageSize=20")
        desk.api("GET", "/csv/runs")
        over.wait(0.02)


def test_who_waits_for_a_key_holds_no_connection_and_gets_the_first_answer(
    installed: Installation | None, pooled: Pooled | None
) -> None:
    """The first is held up in its transaction, and has one of four connections; anybody may have the others."""
    if installed is None or pooled is None:
        return
    desk = pooled.desk
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(5))
        obstacle = stack.enter_context(psycopg.connect(installed.cluster.url()))  # type: ignore[union-attr]  # the same
        obstacle.execute("LOCK TABLE tickets_ticket IN EXCLUSIVE MODE")
        first = pool.submit(raise_ticket, desk)
        wait_until(lambda: installed.rows("SELECT 1 FROM pg_locks WHERE NOT granted"), "it is not held up")
        others = [pool.submit(raise_ticket, desk) for _ in range(4)]
        asked = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%%accounts_idempotencykey%%' AND state = 'idle'"
        wait_until(lambda: installed.rows(asked), "nobody has asked for the key")
        time.sleep(1)
        for _ in range(3):
            stack.enter_context(psycopg.connect(pooled.url)).execute("SELECT 1")  # keeps its transaction
        assert not any(each.done() for each in [first, *others])
        obstacle.commit()
        assert first.result()[0] == 201
        assert [each.result() for each in others] == [first.result()] * 4
        assert installed.rows("SELECT COUNT(*) FROM tickets_ticket WHERE year > 2025 AND deleted_at IS NULL") == [(1,)]
        assert (
            desk.api("DELETE", f"/tickets/{json.loads(first.result()[1])['id']}").status_code == 200
        )  # for the others


def raise_ticket(desk: Served) -> tuple[int, bytes, str, str]:
    headers = {"Authorization": f"Bearer {desk.token}", "Idempotency-Key": "the-same"}
    answer = requests.post(f"{desk.address}/tickets", json=TICKET, headers=headers, timeout=PATIENCE)
    return answer.status_code, answer.content, answer.headers.get("ETag", ""), answer.headers.get("Location", "")
