"""Events in one order for everybody: while others write, while something is committed late, after data are moved."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from accounts.models import User
from config.errors import DomainError
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases.transactions import not_yet_committed
from tests.support.follower import Follower
from tests.support.patience import PATIENCE
from tickets import actions
from tickets.events import numbering
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, FOLLOWERS = 16, 3


def follower(limit: int = 7) -> Follower:
    api = ApiClient(factories.associate())

    def ask(path: str) -> Any:
        answer = api.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return Follower(ask, limit)


def told(reader: Follower) -> list[tuple[str, int]]:
    return [(event["ticketId"], event["version"]) for event in reader.told]


def assert_told_everything(reader: Follower) -> None:
    """Each history entry once, each ticket's in the order of its versions; and they end in what is there now."""
    entries = {(str(ticket), version) for ticket, version in HistoryEntry.objects.values_list("ticket_id", "version")}
    assert sorted(told(reader)) == sorted(entries)
    assert all(versions == sorted(versions) for versions in reader.versions().values())
    now = Ticket.objects.values_list("pk", "status", "deleted_at")
    assert reader.statuses() == {str(key): (status, deleted_at is not None) for key, status, deleted_at in now}


# --- While others write ----------------------------------------------------------------------------------------------


def test_a_change_that_is_committed_late_is_told_late() -> None:
    boss = factories.manager()
    late, soon = factories.ticket(), factories.ticket()
    reader = follower()
    reader.poll()
    with not_yet_committed(lambda: actions.approve_ticket(boss, late.pk)):
        if connection.vendor == "postgresql":  # only one writes on SQLite
            actions.approve_ticket(boss, soon.pk)
        reader.poll()
        assert told(reader)[2:] == ([(str(soon.pk), 2)] if connection.vendor == "postgresql" else [])
    if connection.vendor == "sqlite":
        actions.approve_ticket(boss, soon.pk)
    reader.poll()
    assert sorted(told(reader)[2:]) == sorted([(str(late.pk), 2), (str(soon.pk), 2)])
    assert_told_everything(reader)


class Writer:
    """Does whatever comes to its mind, to tickets of its own and to one of everybody's, several things at once."""

    def __init__(self, number: int, author: User, boss: User, everybodys: list[Ticket]) -> None:
        self.random = random.Random(number)
        self.author, self.boss, self.everybodys = author, boss, everybodys
        self.own: list[Ticket] = []

    def write(self, rounds: int) -> None:
        for _ in range(rounds):
            # What is refused is undone together with what was done before it in the same transaction.
            with suppress(DomainError, OperationalError), transaction.atomic():
                ticket = self.random.choice([*self.own, *self.everybodys])
                for _ in range(self.random.randint(1, 3)):
                    self._act(ticket)
                if connection.vendor == "postgresql":
                    time.sleep(self.random.random() / 50)  # others are committed in front of what is dated earlier
            if self.random.random() < 0.5:
                self._create()

    def _create(self) -> None:
        with suppress(OperationalError):
            self.own.append(factories.ticket(author=self.author))

    def _act(self, ticket: Ticket) -> None:
        ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)  # as an import locks what it moves
        choices: dict[str, list[Callable[[], Any]]] = {
            "DRAFT": [
                lambda: actions.delete_ticket(self.boss, ticket.pk),
                lambda: actions.approve_ticket(self.boss, ticket.pk),
                lambda: actions.change_severity(self.boss, ticket.pk, severity="HIGH", reason="x"),
            ],
            "REVIEW": [
                lambda: actions.delete_ticket(self.author, ticket.pk),
                lambda: actions.edit_ticket(self.author, ticket.pk, title="Better"),
            ],
            "PENDING": [lambda: factories.import_status(ticket, "OPEN")],
            "OPEN": [lambda: factories.import_status(ticket, "CLOSED")],
            "CLOSED": [lambda: None],
        }
        if ticket.deleted_at:
            actions.restore_ticket(self.boss, ticket.pk)
        else:
            self.random.choice(choices[ticket.status])()


@contextmanager
def reading_along(readers: list[Follower]) -> Iterator[None]:
    """Each reader in a thread of its own, which reads to the end once more when the block is over."""
    over, failures = threading.Event(), list[BaseException]()

    def read(reader: Follower) -> None:
        try:
            while not over.is_set():
                reader.poll()
                over.wait(0.005)
            reader.poll()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=read, args=[reader]) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []


def test_sixteen_write_and_no_reader_misses_anything(long_run: bool) -> None:
    author, boss = factories.associate(), factories.manager()
    everybodys = [factories.ticket(author=author) for _ in range(4)]
    writers = [Writer(number, author, boss, everybodys) for number in range(WRITERS)]
    readers = [follower() for _ in range(FOLLOWERS)]
    start = threading.Barrier(WRITERS)

    def write(writer: Writer) -> None:
        try:
            start.wait(PATIENCE)
            writer.write(100 if long_run else 8)
        finally:
            connection.close()

    with reading_along(readers):
        threads = [threading.Thread(target=write, args=[writer]) for writer in writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    afterwards = follower(1000)
    afterwards.poll()
    assert len(afterwards.told) > 4 + WRITERS
    for reader in readers:
        assert told(reader) == told(afterwards)
        assert_told_everything(reader)


def test_many_events_are_numbered_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "MOST_AT_ONCE", 7)
    for status in ("CLOSED", "REVIEW", "CLOSED", "PENDING", "DRAFT", "CLOSED"):
        factories.ticket(status)
    reader = follower(limit=7)
    reader.poll()
    assert len(reader.told) == 3 + 2 + 3 + 2 + 1 + 3
    assert_told_everything(reader)


# --- Where nothing can be written ------------------------------------------------------------------------------------


@contextmanager
def read_only() -> Iterator[None]:
    """The connection refuses what a standby refuses."""
    set_to = {"postgresql": "SET default_transaction_read_only =", "sqlite": "PRAGMA query_only ="}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"{set_to} on")
        try:
            yield
        finally:
            cursor.execute(f"{set_to} off")


def test_a_standby_tells_what_is_numbered() -> None:
    reader = follower()
    factories.ticket("PENDING")
    reader.poll()
    factories.ticket()
    standby = Follower(reader.ask)
    with read_only():
        standby.poll()
    # On SQLite everything is numbered from the beginning.
    types = ["created", "approved"] + ([] if connection.vendor == "postgresql" else ["created"])
    assert [event["type"] for event in standby.told] == types
    standby.poll()
    assert_told_everything(standby)


# --- Data that are moved ---------------------------------------------------------------------------------------------


def test_data_that_are_dumped_and_loaded_bring_each_event_once(tmp_path: Path) -> None:
    for status in ("CLOSED", "REVIEW", "DRAFT") * 4:
        factories.ticket(status)
    factories.restored(factories.deleted(Ticket.objects.filter(status="REVIEW")[0]))
    before = follower()
    before.poll()
    out, file = StringIO(), tmp_path / "desk.json"
    call_command("dumpdata", "accounts.user", "tickets", stdout=out)
    file.write_text(out.getvalue())
    call_command("flush", interactive=False, verbosity=0)
    empty = follower()
    empty.poll()
    assert empty.told == []
    call_command("loaddata", str(file), verbosity=0)
    after = follower()
    after.poll()
    assert_told_everything(after)
    assert sorted(told(after)) == sorted(told(before))
    # In this other desk others may have come in front of what the reader of the first one was told last.
    reader = ApiClient(factories.associate())
    assert {reader.get(f"/events?after={event['cursor']}").status_code for event in before.told} == {400}
    if connection.vendor == "postgresql":  # where they are numbered when they are read, in order of time
        assert told(after) == told(before)
    made = factories.ticket()
    after.poll()
    assert told(after)[-1] == (str(made.pk), 1)
