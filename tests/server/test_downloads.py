"""Downloads whose rows cannot be read to their end, on the real server: each of them looks broken off."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.signing_in.tokens import issue_token
from tests.support.factories import manager, ticket
from tests.support.many import double_tickets
from tests.support.server import running_server, server_environment
from tests.support.sockets import said, status
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

DOWNLOADS = ["/csv/export/pending", "/csv/export?status=PENDING", "/desk/exchange/export/", "/desk/tickets/download/"]
ATTEMPTS = 40
THREADS = 32  # of the server's two workers


@dataclass
class Downloads:
    address: str
    rows: int
    headers: str

    def fetch(self, path: str, version: str) -> tuple[int, bytes, bool]:
        """Status, everything behind the head, and whether it ended as an answer ends that is whole.

        The server is asked to close, since a refusal may else keep the connection open for the next request.
        """
        words = f"GET {path} HTTP/{version}\r\nHost: localhost\r\nConnection: close\r\n{self.headers}\r\n".encode()
        try:
            head, _, body = said(self.address, words).partition(b"\r\n\r\n")
        except ConnectionResetError:
            return 200, b"", False
        return status(head), body, version == "1.0" or body.endswith(b"\r\n0\r\n\r\n")


@pytest.fixture
def downloads(database_url: str) -> Iterator[Downloads]:
    for _ in range(10):
        ticket("PENDING", title="x" * 150)
    double_tickets(10 if connection.vendor == "postgresql" else 7)  # long enough for somebody to cut it off
    boss = manager()
    browser = Client()
    browser.force_login(boss)
    environment = server_environment(database_url, JWT_SECRET=settings.JWT_SECRET, SECRET_KEY=settings.SECRET_KEY)
    cookie = f"Cookie: sessionid={browser.cookies['sessionid'].value}\r\n"
    with running_server(environment) as address:
        yield Downloads(address, Ticket.objects.count(), f"Authorization: Bearer {issue_token(boss)}\r\n{cookie}")


@contextmanager
def connections_breaking() -> Iterator[None]:
    """Cut off whoever reads tickets from PostgreSQL, a little later each time."""
    over = threading.Event()

    def cut() -> None:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        reading = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
            AND state = 'active' AND query ~ '(COPY|FROM "tickets_ticket")' AND pid <> pg_backend_pid()
        """
        with psycopg.connect(url, autocommit=True) as other:
            wait = 0.0
            while not over.is_set():
                if other.execute(reading).fetchone():
                    wait = (wait + 0.01) % 0.2
                over.wait(wait)

    thread = threading.Thread(target=cut)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def assert_visible(downloads: Downloads, path: str, version: str) -> bool:
    """Whether it was cut off; where it looks whole, it must be."""
    code, body, ended = downloads.fetch(path, version)
    if code == 200 and ended:
        assert body.count(b"TKT-") == downloads.rows, f"{path} looks whole by HTTP/{version} and is not"
    return code == 200 and not ended


def test_a_download_that_breaks_off_is_seen_to(downloads: Downloads) -> None:
    for path in DOWNLOADS:
        code, body, ended = downloads.fetch(path, "1.1")
        assert (code, ended, body.count(b"TKT-")) == (200, True, downloads.rows)
    if connection.vendor == "postgresql":
        with connections_breaking():
            for path in DOWNLOADS:
                for version in ("1.1", "1.0"):
                    assert any(assert_visible(downloads, path, version) for _ in range(ATTEMPTS)), path
    else:
        break_a_row(downloads)
    for _ in range(THREADS + 1):  # no thread is lost with them, nor a connection to the database
        assert downloads.fetch("/desk/tickets/download/?status=CLOSED", "1.1")[2]


def break_a_row(downloads: Downloads) -> None:
    """It cannot be read, and is the last one, whichever end a download begins at."""
    for order, paths in ((("-year", "-sequence"), DOWNLOADS[:-1]), (("year", "sequence"), DOWNLOADS[-1:])):
        last = Ticket.objects.order_by(*order).values_list("pk", flat=True)[0]
        for month in ("13", "12"):
            with connection.cursor() as cursor:
                due = f"2026-{month}-24 00:00:00"
                cursor.execute("UPDATE tickets_ticket SET due_date = %s WHERE id = %s", [due, last.hex])
            if month == "13":
                assert all(assert_visible(downloads, path, version) for path in paths for version in ("1.1", "1.0"))
