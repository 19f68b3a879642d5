"""`python -m bench.desk [TICKETS]`: the desk's pages with a thousand tickets and with a million (or TICKETS).

On a PostgreSQL of its own with fsync on, and the production server; one browser's worth of requests after the other.
What counts is the ratio of the two.
"""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import psycopg

from bench.server import MANAGER, PASSWORD, median, set_up
from config.serve.command import WORKERS
from tests.support.databases.postgres import throwaway_cluster
from tests.support.server import running_server, server_environment

FEW, MANY = 1_000, 1_000_000
TIMES = 20

# A desk of some years: most tickets closed, one in fifty a draft, some words in many titles and some in few.
FILL = (
    """
INSERT INTO tickets_ticket (id, ticket_number, year, sequence, title, description, due_date, severity, status,
    created_by_id, reviewed_by_id, created_at, updated_at, version)
SELECT gen_random_uuid(), 'TKT-2025-' || lpad(n::text, greatest(6, length(n::text)), '0'), 2025, n,
    (ARRAY['Printer', 'VPN', 'Scanner', 'Password', 'Invoice', 'Monitor', 'Backup'])[n %% 7 + 1]
        || (ARRAY[' stopped', ' is slow', ' shows an error', ' was lost', ' works by chance'])[n %% 5 + 1]
        || ' in room ' || n %% 997,
    'Since this morning, on floor ' || n %% 13 || '. Asset ' || md5(n::text) || ' is affected, and people wait.',
    '2025-01-04 09:30Z'::timestamptz + n * interval '25 seconds',
    (ARRAY['EASY', 'LOW', 'MEDIUM', 'HIGH', 'VERY_HIGH'])[n %% 11 %% 5 + 1],
    CASE WHEN n %% 50 = 0 THEN 'DRAFT' WHEN n %% 50 = 1 THEN 'PENDING' WHEN n %% 50 = 2 THEN 'OPEN' ELSE 'CLOSED' END,
    author.id, CASE WHEN n %% 50 > 0 THEN reviewer.id END,
    '2025-01-01 00:00Z'::timestamptz + n * interval '25 seconds',
    '2025-01-01 00:00Z'::timestamptz + n * interval '25 seconds', 2
FROM generate_series(1, %(tickets)s) AS n,
    (SELECT id FROM accounts_user WHERE email = 'associate@example.com') AS author,
    (SELECT id FROM accounts_user WHERE email = 'manager@example.com') AS reviewer
""",
    """
INSERT INTO tickets_tickettext (ticket_id, text, folding)
SELECT id, lower(ticket_number) || 'Ω' || lower(title) || 'Ω' || lower(description), 1 FROM tickets_ticket
ON CONFLICT DO NOTHING
""",
    """
INSERT INTO tickets_historyentry (id, ticket_id, version, created_at, user_id, actor_role, action, to_status,
    to_severity, reason, changes)
SELECT gen_random_uuid(), id, 1, created_at, created_by_id, 'ASSOCIATE', 'created', 'DRAFT', severity, 'created', '{}'
FROM tickets_ticket WHERE year = 2025 AND version = 2
""",
    """
INSERT INTO tickets_historyentry (id, ticket_id, version, created_at, user_id, actor_role, action, from_status,
    to_status, reason, changes)
SELECT gen_random_uuid(), id, 2, updated_at, reviewed_by_id, 'MANAGER', 'approved', 'DRAFT', 'PENDING', 'approved', '{}'
FROM tickets_ticket WHERE year = 2025 AND version = 2 AND status <> 'DRAFT'
""",
    "UPDATE tickets_ticket SET version = 1 WHERE year = 2025 AND version = 2 AND status = 'DRAFT'",
)


def main(many: int = MANY) -> None:
    few, lots = measure(FEW), measure(many)
    print(f"{'':34}{FEW:>12}{many:>12}{'ratio':>8}   (median milliseconds)")
    for name, milliseconds in few.items():
        print(f"{name:34}{milliseconds:12.1f}{lots[name]:12.1f}{lots[name] / milliseconds:8.1f}")


def measure(tickets: int) -> dict[str, float]:
    """Median milliseconds of each page."""
    with desk(tickets) as client:
        return {name: median(lambda path=path: client.get(path), TIMES) for name, path in pages(client, tickets)}  # type: ignore[misc]  # mypy does not infer a lambda with a default


def pages(client: Client, tickets: int) -> Iterator[tuple[str, str]]:
    listed = "/desk/tickets/"
    last = -(-tickets // 20)
    yield "list, first page", listed
    yield "list, page in the middle", f"{listed}?page={last // 2}"
    yield "list, last page", f"{listed}?page={last}"
    yield "list, one status", f"{listed}?status=DRAFT"
    yield "list, severity and status", f"{listed}?severity=HIGH&status=CLOSED"
    yield "list, awaiting my review", f"{listed}?awaiting=me&sort=number"
    yield "list, overdue, by due date", f"{listed}?overdue=1&sort=dueDate"
    yield "list, changed last", f"{listed}?sort=-updatedAt"
    yield "list, most severe", f"{listed}?sort=-severity"
    yield "list, most severe, last page", f"{listed}?sort=-severity&page={last}"
    yield "list, created in a week", f"{listed}?createdFrom=2025-01-01&createdTo=2025-01-07"
    yield "search, a rare text", f"{listed}?q=tkt-2025-00077"
    yield "search, a number", f"{listed}?q=777"
    yield "search, a text in 1 of 7", f"{listed}?q=printer"
    yield "search, two words", f"{listed}?q=room+printer"
    yield "search, two letters", f"{listed}?q=vp"
    yield "search, nothing found", f"{listed}?q=zebra"
    [page] = re.findall(r'href="(/desk/tickets/TKT-2025-\d+/\?[^"]*)"', client.get(listed))[:1]
    yield "ticket", page.partition("?")[0]
    yield "ticket, from the list", page.replace("&amp;", "&")
    yield "similar tickets", "/desk/tickets/similar/?title=Printer+in+room+12+was+lost"
    yield "new ticket", "/desk/tickets/new/"
    yield "inbox", "/desk/inbox/"
    yield "home", "/desk/"


class Client:
    """A manager who is signed in to the desk."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=600)
        self.cookies: dict[str, str] = {}
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get("/desk/login/"))[:1]
        self.ask("POST", "/desk/login/", {"csrfmiddlewaretoken": token, "email": MANAGER, "password": PASSWORD})

    def get(self, path: str) -> str:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = self.connection.getresponse()
        content = answer.read().decode()
        if answer.status >= 400 or (method == "GET" and answer.status != 200):
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return content


@contextmanager
def desk(tickets: int) -> Iterator[Client]:
    with throwaway_cluster(fsync=True) as cluster:
        environment = server_environment(cluster.url(), DEMO="1")
        set_up(environment, 1)
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            for statement in FILL:
                connection.execute(statement, {"tickets": tickets} if "%(" in statement else None)
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        with running_server(environment, workers=WORKERS) as address:
            yield Client(address)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
