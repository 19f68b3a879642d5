"""An audit by several processes finds the same in the same order, and is none where one of them was killed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from config.audit.sharing import SECONDS_TO_JOIN
from config.database.snapshot import joined, snapshot
from tests.support import factories, leftovers
from tests.support.past_tickets import People, draft
from tests.support.patience import PATIENCE
from tickets.audit.results import processes_worth_having
from tickets.backfill.writing import backfill_tickets
from tickets.models import Audit, Ticket, TicketSequence

shared_by_all = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _time_to_join(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has much else to do may take longer than an operator would wait."""
    monkeypatch.setitem(SECONDS_TO_JOIN, "sqlite", PATIENCE)


def audit(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """The exit code, and the lines on standard output."""
    capsys.readouterr()
    try:
        call_command("audit", *arguments)
    except CommandError as error:
        return error.returncode, capsys.readouterr().out.splitlines()
    return 0, capsys.readouterr().out.splitlines()


def assistants() -> list[int]:
    """The other processes that take part in an audit of this one."""
    return [pid for pid, words in leftovers.processes().items() if "config.audit.assisting" in words]


def before_each_statement(act: Callable[[str], None]) -> Any:
    """While this is entered, `act` is called with each statement before this process asks the database for it."""

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        act(sql)
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


@shared_by_all
def test_several_processes_find_the_same_in_the_same_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Three processes take three tickets at a time; the ends of such pieces are among those that are forged."""
    people = People()
    backfill_tickets([draft(people) for _ in range(50)])
    Ticket.objects.filter(sequence__in=[1, 3, 4, 6, 7, 9, 48, 49, 50]).update(title="Another")
    code, said = audit(capsys, "--processes", "1")
    assert code == 1
    assert [line.split(". ")[0] for line in said[:-1]] == [
        f"TKT-2020-0000{sequence}: {problem}"
        for sequence in ("01", "03", "04", "06", "07", "09", "48", "49", "50")
        for problem in ("The texts of entry 1 are not what its hash says", "Search knows another text of it")
    ]
    assert said[-1].startswith("Looked at 1 year, 50 tickets, 50 entries, 50 events, 0 runs, 0 files in ")
    code, by_three = audit(capsys, "--processes", "3")
    assert (code, by_three[:-1]) == (1, said[:-1])
    assert by_three[-1].startswith("Looked at 1 year, 50 tickets, 50 entries, 50 events, 0 runs, 0 files in ")
    assert by_three[-1].endswith(" s, by 3 processes.")


@shared_by_all
def test_an_audit_of_which_one_process_was_killed_fails_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    factories.ticket()

    def kill(sql: str) -> None:
        if "ROW_NUMBER" in sql:  # the tickets are about to be dealt out
            for pid in assistants():
                os.kill(pid, signal.SIGKILL)

    with before_each_statement(kill), pytest.raises(CommandError, match="was ended by signal 9 before") as failure:
        call_command("audit", "--processes", "2")
    assert failure.value.returncode == 3
    assert "Nothing is wrong" not in capsys.readouterr().out
    assert Audit.objects.count() == 0


@shared_by_all
def test_one_ticket_or_a_transaction_of_ones_own_takes_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    number, seen = factories.ticket().ticket_number, list[int]()
    with before_each_statement(lambda _sql: seen.extend(assistants())):
        assert audit(capsys, "--processes", "2", "--ticket", number)[1][-1] == "Nothing is wrong."
        with transaction.atomic():
            factories.ticket()  # which no other process could see yet
            code, said = audit(capsys, "--processes", "2")
    assert (code, said[0].startswith("Looked at 1 year, 2 tickets, 2 entries, ")) == (0, True), said
    assert seen == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tickets", "processors", "processes"), [(49_999, 8, 1), (50_000, 8, 4), (50_000, 2, 2), (50_000, 1, 1)]
)
def test_a_large_desk_is_worth_as_many_processes_as_there_are_processors_up_to_four(
    tickets: int, processors: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    TicketSequence.objects.create(year=2025, last_sequence=40_000)
    TicketSequence.objects.create(year=2026, last_sequence=tickets - 40_000)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(processors)))
    assert processes_worth_having() == processes


@pytest.mark.parametrize("number", ["0", "17", "two"])
def test_a_number_of_processes_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(CommandError, match=f"'{number}'; write a whole number from 1 to 16."):
        call_command("audit", "--processes", number)


# --- What all see ----------------------------------------------------------------------------------------------------


@shared_by_all
def test_who_joins_a_snapshot_sees_the_same_whatever_is_written_meanwhile() -> None:
    here, written, counted = threading.Event(), threading.Event(), list[int]()

    def join(name: str) -> None:
        with closing(connection), joined(name):
            here.set()
            written.wait()
            counted.append(Ticket.objects.count())

    def write() -> None:
        with closing(connection):
            factories.ticket()

    threads = [threading.Thread(target=write)]

    def share(name: str) -> None:
        threads.append(threading.Thread(target=join, args=[name]))
        threads[1].start()
        here.wait()

    with snapshot(share):
        threads[0].start()
        threads[0].join()
        written.set()
        threads[1].join()
        assert (counted, Ticket.objects.count()) == ([0], 0)
    assert Ticket.objects.count() == 1


@shared_by_all
def test_on_sqlite_nobody_writes_while_a_state_is_shared_and_it_is_not_while_somebody_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor != "sqlite":
        return
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.01)
    shared = []

    def share(name: str) -> None:
        shared.append(name)
        with pytest.raises(OperationalError, match="locked"):
            writer.cursor().execute("BEGIN IMMEDIATE")

    with closing(connection.copy()) as writer:
        with snapshot(share):
            assert shared == [""]
            writer.cursor().execute("BEGIN IMMEDIATE")  # again, as soon as all see it
        with snapshot(share):
            assert shared == [""]
