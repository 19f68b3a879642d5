"""Many processes do everything to few tickets at once, while the server is killed, and a reader as well."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.signing_in.tokens import issue_token
from tests.server.mixing.client import AWAY, CUT
from tests.server.mixing.follower import kept
from tests.server.mixing.judging import Entry, Told, unexplained_refusals, untrue_versions, wrong_counts
from tests.server.mixing.starting import clients, end, started
from tests.support.factories import associate, manager
from tests.support.server import ROOT, KillableServer, server_environment
from tickets.models import HistoryEntry, Ticket


class Reader:
    """A follower of events in a process of its own, which is killed with the server and goes on from its file."""

    def __init__(self, file: Path, orders: dict[str, Any]) -> None:
        self.file, self.orders = file, orders
        file.touch()
        self.start()

    def start(self) -> None:
        self.process = started("follower", self.orders, str(self.file))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def told(notes: dict[User, Path]) -> list[Told]:
    lines = {str(user.pk): file.read_text().splitlines() for user, file in notes.items()}
    return [Told(user, list(map(json.loads, notes))) for user, notes in lines.items()]


def faults(found: list[Told]) -> list[Any]:
    """Answers that are the server's own fault, such as that the desk is busy: nobody waits in vain for a turn."""
    return [note for person in found for note in person.answered() if note["status"] >= 500]


@pytest.mark.django_db(transaction=True)
def test_what_was_told_is_what_is_there(database_url: str, long_run: bool, tmp_path: Path) -> None:
    size, kills, seconds = (16, 3, 15.0) if long_run else (6, 1, 1.2)
    people = [manager() if number % 2 else associate() for number in range(size)]
    environment = server_environment(database_url, JWT_SECRET=settings.JWT_SECRET, SECRET_KEY=settings.SECRET_KEY)
    server = KillableServer({**environment, "CSV_STORAGE": str(tmp_path / "files")})
    reader = Reader(tmp_path / "events", {"port": server.port, "token": issue_token(people[0])})
    try:
        with clients("client", people, tmp_path, server.port) as notes:
            for _ in range(kills):
                time.sleep(seconds * random.uniform(0.8, 1.2))
                server.kill()
                reader.kill()
                server.start()
                reader.start()
            time.sleep(seconds)
        end(reader.process)
    finally:
        reader.kill()
        server.kill()

    found = told(notes)
    entries = [
        Entry(str(user), str(ticket), version, action)
        for user, ticket, version, action in HistoryEntry.objects.values_list("user", "ticket", "version", "action")
    ]
    print(figures(found, entries))
    assert faults(found) == []
    assert [note for person in found for note in unexplained_refusals(person)] == []
    assert [note for person in found for note in untrue_versions(person, entries)] == []
    assert [wrong for person in found for wrong in wrong_counts(person, entries)] == []
    assert {entry.user for entry in entries} <= {person.user for person in found}
    assert_reader_knows_everything(reader, entries)
    assert_audit_is_clean(server.environment)
    connection.close()


def assert_reader_knows_everything(reader: Reader, entries: list[Entry]) -> None:
    follower = kept(reader.file)
    events = [(event["ticketId"], event["version"], event["type"]) for event in follower.told]
    assert sorted(events) == sorted((entry.ticket, entry.version, entry.action) for entry in entries)
    assert all(versions == sorted(versions) for versions in follower.versions().values())
    standing = {
        str(pk): (status, deleted is not None)
        for pk, status, deleted in Ticket.objects.values_list("pk", "status", "deleted_at")
    }
    assert follower.statuses() == standing


def assert_audit_is_clean(environment: Mapping[str, str]) -> None:
    audit = subprocess.run(
        [sys.executable, "manage.py", "audit"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (audit.returncode, "Nothing is wrong." in audit.stdout) == (0, True), audit.stdout + audit.stderr


def figures(found: list[Told], entries: list[Entry]) -> dict[str, Any]:
    """What went on, for who reads the output of the long version."""
    notes = [note for person in found for note in person.notes]
    seconds = sorted(
        note["seconds"]
        for person in found
        for before, note in pairwise(person.notes)
        if not {before["status"], note["status"]} & {AWAY, CUT}  # that waits for the server to start
    )
    return {
        "requests": len(notes),
        "answers": Counter(str(note["status"]) for note in notes),
        "refusals": Counter(note.get("code") for person in found for note in person.refused()),
        "cut": Counter(note["act"] for note in notes if note["status"] == CUT),
        "never told": Counter(note["act"] for person in found for note in person.cut()),
        "entries": Counter(entry.action for entry in entries),
        "longest": seconds[-1],
        "longer than all but one in a thousand": seconds[-1 - len(seconds) // 1000],
    }
