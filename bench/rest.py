"""`python -m bench`: one client at a time against the REST API and against the least code that does the same.

On a PostgreSQL of its own with fsync on, 1 000 tickets. What counts is the ratio; times depend on the machine.
"""

from __future__ import annotations

import http.client
import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import argon2
import psycopg

from bench.server import ASSOCIATE, PASSWORD, median, server_processes, set_up
from config.serve.command import WORKERS
from tests.support.databases.postgres import throwaway_cluster
from tests.support.server import running_server, server_environment

TICKETS = 1000
TICKET = {
    "title": "VPN drops every few minutes",
    "description": "Since this morning the VPN disconnects whenever a call begins. Restarting did not help.",
    "dueDate": "2030-01-01T09:00:00.000Z",
    "severity": "MEDIUM",
}

# Tables of its own for bench/least.py, which is measured without a framework and so has no models to make them.
LEAST_SCHEMA = """
CREATE TABLE least_user (id uuid PRIMARY KEY, email text UNIQUE, password text);
CREATE TABLE least_sequence (year int PRIMARY KEY, last int);
CREATE TABLE least_ticket (
    id uuid PRIMARY KEY, number text UNIQUE, year int, sequence int, title text, description text,
    severity text, status text, created_by uuid, created_at timestamptz DEFAULT now(), UNIQUE (year, sequence)
);
CREATE TABLE least_history (id bigserial PRIMARY KEY, ticket_id uuid, user_id uuid, action text, at timestamptz);
INSERT INTO least_sequence VALUES (2026, %(tickets)s);
INSERT INTO least_user VALUES (%(user)s, %(email)s, %(password)s);
INSERT INTO least_ticket
    SELECT gen_random_uuid(), 'TKT-2026-' || lpad(n::text, 6, '0'), 2026, n, 'Printer ' || n, 'It does not print.',
           'LOW', 'DRAFT', %(user)s
    FROM generate_series(1, %(tickets)s) AS n;
"""


def main() -> None:
    with throwaway_cluster(fsync=True) as cluster:
        environment = server_environment(cluster.url(), DEMO="1")
        set_up(environment, TICKETS)
        fill_least(cluster.url())
        with running_server(environment, workers=WORKERS) as address:
            product = measure(address)
            memory = server_megabytes()
        with running_server(environment, "bench.least:load_application", workers=WORKERS) as address:
            floor = measure(address)
    print(f"{'':10}{'product':>12}{'least':>12}{'ratio':>8}   (median milliseconds)")
    for name, milliseconds in product.items():
        print(f"{name:10}{milliseconds:12.2f}{floor[name]:12.2f}{milliseconds / floor[name]:8.1f}")
    print(f"memory of the product's server, with two workers: {memory} MB")


def fill_least(url: str) -> None:
    values = {
        "user": uuid.uuid4(),
        "email": ASSOCIATE,
        "password": argon2.PasswordHasher().hash(PASSWORD),
        "tickets": TICKETS,
    }
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(LEAST_SCHEMA, values)


def measure(address: str) -> dict[str, float]:
    """Median milliseconds of each request, after a few that do not count."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    headers = {"Content-Type": "application/json"}

    def ask(method: str, path: str, body: object = None) -> Any:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content!r}")
        return json.loads(content)

    def sign_in() -> Any:
        return ask("POST", "/auth/login", {"email": ASSOCIATE, "password": PASSWORD})

    headers["Authorization"] = f"Bearer {sign_in()['access_token']}"
    return {
        "healthz": median(lambda: ask("GET", "/healthz"), 500),
        "list": median(lambda: ask("GET", "/tickets"), 300),
        "create": median(lambda: ask("POST", "/tickets", TICKET), 300),
        "login": median(sign_in, 40),
    }


def server_megabytes() -> int:
    """Memory of the server that this process has started and of its workers; pages they share count once (PSS)."""
    kilobytes = 0
    for pid in server_processes():
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kilobytes += int(rollup.partition("Pss:")[2].split()[0])
    return kilobytes // 1024
