"""`python -m bench.exchange [TICKETS]`: the exchange against the same work in bare SQL, by default with a million.

On a PostgreSQL of its own with fsync on, and the production server. Meanwhile a second client lists tickets, beside
the product and beside bare SQL alike. What counts are the ratios.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg

from bench.server import MANAGER, PASSWORD, server_processes, set_up
from config.serve.command import WORKERS
from tests.support.databases.postgres import Cluster, find_binaries, throwaway_cluster
from tests.support.server import running_server, server_environment

BOUNDARY = "frontier"
PAUSE = 0.05  # between two requests of the second client

# Approved tickets with their history so far, straight into the tables.
FILL = """
INSERT INTO tickets_ticket (id, ticket_number, year, sequence, title, description, due_date, severity, status,
    created_by_id, reviewed_by_id, created_at, updated_at, version)
SELECT gen_random_uuid(), 'TKT-2025-' || lpad(n::text, greatest(6, length(n::text)), '0'), 2025, n,
    'Printer ' || n || ' prints only black pages', 'Since this morning, on the second floor.',
    '2026-12-24 09:30Z', 'MEDIUM', 'PENDING', author.id, reviewer.id,
    '2025-01-01 00:00Z'::timestamptz + n * interval '1 second',
    '2025-01-01 00:00Z'::timestamptz + n * interval '1 second', 2
FROM generate_series(1, %(tickets)s) AS n,
    (SELECT id FROM accounts_user WHERE email = 'associate@example.com') AS author,
    (SELECT id FROM accounts_user WHERE email = 'manager@example.com') AS reviewer
"""
# The same work as the product's export and import, in the fewest statements that do it: the floor that the product is
# compared with, which its models could not be.
EXPORT = r"""COPY (SELECT id, ticket_number, status, severity, title,
    to_char(due_date AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    FROM tickets_ticket WHERE status = '{status}' AND deleted_at IS NULL ORDER BY year, sequence)
    TO STDOUT (FORMAT csv)"""
BARE_IMPORT = """
BEGIN;
CREATE TEMPORARY TABLE answer (id uuid, ticket_number text, status text, severity text, title text, due_date text);
\\copy answer FROM '{file}' (FORMAT csv, HEADER)
UPDATE tickets_ticket SET status = answer.status, version = version + 1, updated_at = now()
    FROM answer WHERE tickets_ticket.id = answer.id;
INSERT INTO tickets_historyentry (id, ticket_id, version, created_at, user_id, actor_role, action,
        from_status, to_status, reason, changes)
    SELECT gen_random_uuid(), ticket.id, ticket.version, ticket.updated_at, manager.id, 'MANAGER', 'imported',
        'PENDING', answer.status, 'csv import', '{{}}'
    FROM answer JOIN tickets_ticket AS ticket ON ticket.id = answer.id,
        (SELECT id FROM accounts_user WHERE email = 'manager@example.com') AS manager;
COMMIT;
"""


def main(tickets: int = 1_000_000) -> None:
    with throwaway_cluster(fsync=True) as cluster, TemporaryDirectory() as folder:
        environment = server_environment(cluster.url(), DEMO="1", CSV_STORAGE=folder)
        set_up(environment, 100)
        fill(cluster, tickets)
        answer = Path(folder, "answer.csv")
        with running_server(environment, workers=WORKERS) as address:
            warm_up(address, folder)
            client = Client(address)
            bare = measure(address, lambda: psql(cluster, EXPORT.format(status="PENDING"), answer))
            ours = measure(address, lambda: client.download("/csv/export/pending"))
            report("export", ours, bare)
            answer.write_bytes(
                b"id,ticket_number,status,severity,title,due_date\n"
                + answer.read_bytes().replace(b",PENDING,", b",OPEN,")
            )
            set_back(cluster)
            bare = measure(address, lambda: psql(cluster, BARE_IMPORT.format(file=answer)))
            set_back(cluster)
            client = Client(address)  # the server has closed the idle connection
            ours = measure(address, lambda: print(said(client.upload("/csv/import", answer))))
            report("import", ours, bare)


def said(result: Any) -> str:
    return f"{'':8}{result['updatedCount']} updated, {result['errorsCount']} errors"


def warm_up(address: str, folder: str) -> None:
    """Let both workers load what they load once, over enough connections to reach either."""
    file = Path(folder, "nothing.csv")
    file.write_text("id,status\nnothing,OPEN\n")
    for _ in range(12):
        client = Client(address)
        client.ask("GET", "/tickets", None, client.headers)
        client.upload("/csv/import", file)
        client.download("/csv/export/pending", limit=1_000_000)
    time.sleep(5)  # the SDK of the language model is loaded in the background


def fill(cluster: Cluster, tickets: int) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(FILL, {"tickets": tickets})
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def set_back(cluster: Cluster) -> None:
    """As before the import: the same rows in the same state, no dead ones, no entries of the import."""
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        for statement in (
            "ALTER TABLE tickets_historyentry DISABLE TRIGGER USER",
            "DELETE FROM tickets_historyentry WHERE action = 'imported' AND version = 3",
            "ALTER TABLE tickets_historyentry ENABLE TRIGGER USER",
            "UPDATE tickets_ticket SET status = 'PENDING', version = 2, updated_at = created_at WHERE version = 3",
            "VACUUM FULL tickets_ticket",
            "VACUUM FULL tickets_historyentry",
            "VACUUM ANALYZE",  # a full one leaves the visibility map empty, as it never is in operation
            "CHECKPOINT",
        ):
            connection.execute(statement)


def psql(cluster: Cluster, script: str, output: Path | None = None) -> None:
    with TemporaryDirectory() as folder:
        program = find_binaries(Path(folder)) / "psql"
        with (output or Path("/dev/null")).open("wb") as out:
            command: list[str | Path] = [program, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]
            command.append(f"--dbname={cluster.url()}")
            subprocess.run(command, input=script.encode(), stdout=out, check=True)


class Measured(NamedTuple):
    """How long a work took, by how many MB the server grew, and how others fared."""

    seconds: float
    grown: int
    others: str


def measure(address: str, work: Callable[[], object]) -> Measured:
    """Both the product and bare SQL work beside a second client that lists tickets, so both have the same to do."""
    with listing(address) as others, memory() as grown:
        began = time.perf_counter()
        work()
        taken = time.perf_counter() - began
    milliseconds = others["milliseconds"]
    p99 = statistics.quantiles(milliseconds, n=100)[98] if len(milliseconds) > 1 else 0
    return Measured(taken, grown(), f"{len(milliseconds)} lists, {len(others['errors'])} errors, p99 {p99:.0f} ms")


class Client:
    """A manager with a connection of their own."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=1800)
        body = json.dumps({"email": MANAGER, "password": PASSWORD})
        answer = self.ask("POST", "/auth/login", body.encode(), {"Content-Type": "application/json"})
        self.headers = {"Authorization": f"Bearer {json.loads(answer)['access_token']}"}

    def ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> bytes:
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content

    def download(self, path: str, limit: int | None = None) -> None:
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        size = 0
        while block := answer.read(1 << 20):
            size += len(block)
            if limit and size > limit:
                self.connection.close()
                return

    def upload(self, path: str, file: Path) -> Any:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {
            **self.headers,
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + file.stat().st_size + len(tail)),
        }

        def body() -> Iterator[bytes]:
            yield head
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    yield block
            yield tail

        return json.loads(self.ask("POST", path, body(), headers))


@contextmanager
def listing(address: str) -> Iterator[dict[str, list[float]]]:
    """A second client that lists tickets in the meantime: how long each answer took, and what went wrong.

    Signing in takes 100 MB for a moment, by the design of Argon2, so it happens before the memory is measured.
    """
    client, over = Client(address), threading.Event()
    found: dict[str, list[float]] = {"milliseconds": [], "errors": []}

    def work() -> None:
        while not over.wait(PAUSE):
            began = time.perf_counter()
            try:
                client.ask("GET", "/tickets", None, client.headers)
            except (RuntimeError, OSError):
                found["errors"].append(time.time())
            found["milliseconds"].append(1000 * (time.perf_counter() - began))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@contextmanager
def memory() -> Iterator[Callable[[], int]]:
    """By how many megabytes the process of the server that grew most has grown at its highest."""
    before, over = sizes(), threading.Event()
    highest: dict[int, int] = {}

    def work() -> None:
        while not over.wait(0.1):
            for pid, size in sizes().items():
                highest[pid] = max(size, highest.get(pid, 0))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield lambda: max(highest[pid] - before.get(pid, 0) for pid in highest) // 1024
    finally:
        over.set()
        thread.join()


def sizes() -> dict[int, int]:
    """Resident kilobytes of each process of the server."""
    found = {}
    for pid in server_processes():
        try:
            found[pid] = int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])
        except (OSError, IndexError):  # it has ended meanwhile
            continue
    return found


def report(name: str, ours: Measured, bare: Measured) -> None:
    print(
        f"{name:8}{ours.seconds:8.1f} s, bare {bare.seconds:6.1f} s, ratio {ours.seconds / bare.seconds:5.2f};"
        f" memory +{ours.grown} MB; others meanwhile: {ours.others}; beside bare: {bare.others}",
        flush=True,
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
