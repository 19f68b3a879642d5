"""A client that follows the events of a desk that is served, while others write and a large import commits late."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings

from tests.support.follower import Follower
from tests.support.installation import Installation, installation
from tests.support.served import Served, served

POLL_SECONDS = 0.1
PAUSE_SECONDS = 0.02  # of a colleague, who would else have the processor to themselves
NEW = {"title": "No network", "description": "Since nine.", "dueDate": "2026-12-24T09:30:00Z", "severity": "LOW"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    vendor = "sqlite" if "sqlite3" in django_settings.DATABASES["default"]["ENGINE"] else "postgresql"
    with installation(vendor, tmp_path_factory.mktemp("installation")) as made:
        yield made


class Colleague:
    """Raises, deletes and restores tickets until told to stop; what the desk is too busy for is left out."""

    def __init__(self, desk: Served) -> None:
        self.desk, self.over = desk, threading.Event()
        self.thread = threading.Thread(target=self._work)
        self.answers: list[int] = []

    def __enter__(self) -> Colleague:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _work(self) -> None:
        while not self.over.is_set():
            if made := self._send("POST", "/tickets", json=NEW):
                self._send("DELETE", f"/tickets/{made['id']}")
                self._send("POST", f"/tickets/{made['id']}/restore")
            self.over.wait(PAUSE_SECONDS)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        answer = self.desk.api(method, path, **options)
        self.answers.append(answer.status_code)
        return answer.json() if answer.status_code < 300 else None


def test_a_client_that_follows_misses_nothing_of_an_import(installed: Installation, long_run: bool) -> None:
    rows = 100_000 if long_run else 500
    installed.add_tickets(rows)
    with served(installed) as desk, installed.commands() as manage:

        def ask(path: str) -> Any:
            try:
                answer = desk.api("GET", path)
            except requests.RequestException:
                return None
            return answer.json() if answer.status_code == 200 else None

        reader, hurried = Follower(ask, limit=7), Follower(ask, limit=1000)
        with Colleague(desk) as one, Colleague(desk) as another:
            cycle = manage.start("run_nightly")
            while not cycle.has_ended():
                hurried.poll()
                one.over.wait(POLL_SECONDS)
            assert cycle.wait() == 0, cycle.log.read_text()
            reader.poll()
        hurried.poll()
        reader.poll()
    assert set(one.answers + another.answers) <= {200, 201, 503}
    assert 201 in one.answers
    entries = installed.rows("SELECT ticket_id, version FROM tickets_historyentry")
    assert len(entries) > rows / 2
    expected = sorted((str(uuid.UUID(str(ticket))), version) for ticket, version in entries)
    for follower in (reader, hurried):
        assert sorted((event["ticketId"], event["version"]) for event in follower.told) == expected
        assert all(versions == sorted(versions) for versions in follower.versions().values())
    assert reader.told == hurried.told
    assert reader.statuses() == standing(installed)


def standing(installed: Installation) -> dict[str, tuple[str, bool]]:
    """The status of each ticket that has a history, and whether it is deleted, read past the product."""
    rows = installed.rows(
        "SELECT id, status, deleted_at FROM tickets_ticket WHERE id IN (SELECT ticket_id FROM tickets_historyentry)"
    )
    return {str(uuid.UUID(str(key))): (status, deleted is not None) for key, status, deleted in rows}
