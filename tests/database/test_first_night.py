"""The night after a desk was filled: the database knows nothing of its tables yet, and takes large ones for empty.

Nobody gathers statistics for it here. Work is counted in rows that the database has read, which grow with the square
of the tickets where one table is gone through for each row of another; a limit for statements ends what hides that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.installation import Installation, an_installation_on_postgresql
from tests.support.managepy import Nursery

ROWS_PER_TICKET = 120  # of all tables and indexes, for the whole of one step
STATEMENT_SECONDS = 120

# As ANALYZE leaves tables that are empty, and those that were emptied but keep their pages.
FORGET = """
UPDATE pg_class SET reltuples = 0{} WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace;
DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace);
"""
EMPTY, EMPTIED = ", relpages = 0", ""

ASK = """
from accounts.models import User
from tickets.figures import measure_desk
from tickets.inbox import notifications
from tickets.models import HistoryEntry, Ticket
from triage.quality.measures import measure_quality
{}
"""
FOLLOW = """
from tickets.events.cursors import BEGINNING
from tickets.events.reading import events_after
events = events_after(BEGINNING, limit=1000)
while events:
    events = events_after(events[-1].cursor, limit=1000)
"""
STEPS = {
    "figures": "measure_desk()",
    "quality": "measure_quality()",
    "searched": "list(Ticket.objects.live().matching('printer').newest_first()[:20])",
    "counted": "Ticket.objects.live().matching('a').count()",
    "sent back": "list(HistoryEntry.objects.sent_back(Ticket.objects.live()))",
    "followed": FOLLOW,
    "downloaded": "list(Ticket.objects.live().sorted_by('severity').in_batches())",
    "inboxes": "[notifications.newest(user, limit=100) for user in User.objects.all()]",
    "unread": "[notifications.count_unread(user, limit=100) for user in User.objects.all()]",
}


def analyze_nothing_by_itself(made: Installation) -> None:
    with closing(made.connect()) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")


installed = an_installation_on_postgresql(analyze_nothing_by_itself)


def rows_read(installed: Installation) -> int:
    [[rows]] = installed.rows("SELECT tup_returned + tup_fetched FROM pg_stat_database WHERE datname = 'postgres'")
    return int(rows)


@pytest.fixture(scope="module")
def manage(installed: Installation | None, long_run: bool) -> Iterator[Nursery | None]:
    """Commands on a desk that was filled."""
    if installed is None:
        yield None
        return
    variables = {
        "DEMO": "1",
        "PGOPTIONS": f"-c statement_timeout={STATEMENT_SECONDS}s",
        "EMAIL_URL": "smtp://127.0.0.1:9",  # nobody is there; that is tried again the next time
    }
    with installed.commands(**variables) as made:
        run(made, "shell", "--no-imports", "--command", LOAD.format(20_000 if long_run else 2_000))
        yield made


LOAD = """
from config import clock
from tickets.backfill.told import backfill_told
from tickets.demo.people import create_people
from tickets.demo.tickets import create_tickets
from tickets.models import Told
create_tickets(create_people(), {})
backfill_told(since=clock.BEGINNING, unread_since=clock.BEGINNING)
Told.objects.update(mail_due_at=clock.now())
"""
STEP = ["shell", "--no-imports", "--command"]


def test_the_first_night_reads_no_table_for_each_row_of_another(
    installed: Installation | None, manage: Nursery | None
) -> None:
    """With statistics of empty tables all the time, and then with those that the night itself takes.

    In this order and in one test: how much is read depends on what was done to the desk before.
    """
    if installed is None or manage is None:
        return
    without_statistics(installed, manage)
    with_those_of_the_night(installed, manage)


def without_statistics(installed: Installation, manage: Nursery) -> None:
    steps = {name: [*STEP, ASK.format(code)] for name, code in STEPS.items()}
    read = {}
    for name, command in (steps | {"night": ["run_nightly"], "mailed": ["mail_inbox"]}).items():
        forget(installed, EMPTY)
        read[name] = rows_read_by(installed, manage, command)
    assert too_many(installed, read) == {}, read


def with_those_of_the_night(installed: Installation, manage: Nursery) -> None:
    forget(installed, EMPTIED)
    steps = {"night": ["run_nightly"]} | {name: [*STEP, ASK.format(code)] for name, code in STEPS.items()}
    read = {name: rows_read_by(installed, manage, command) for name, command in steps.items()}
    assert too_many(installed, read) == {}, read
    known = dict(installed.rows("SELECT relname, reltuples FROM pg_class WHERE starts_with(relname, 'tickets_')"))
    assert [known["tickets_ticket"]] == [count for [count] in installed.rows("SELECT count(*) FROM tickets_ticket")]
    assert known["tickets_historyentry"] > known["tickets_ticket"]


def rows_read_by(installed: Installation, manage: Nursery, command: list[str]) -> int:
    before = rows_read(installed)
    run(manage, *command)
    return rows_read(installed) - before


def too_many(installed: Installation, read: dict[str, int]) -> dict[str, int]:
    [[tickets]] = installed.rows("SELECT count(*) FROM tickets_ticket")
    return {name: rows for name, rows in read.items() if rows > ROWS_PER_TICKET * tickets}


def run(manage: Nursery, *command: str) -> None:
    code, out, log = manage.run(*command)
    assert code == 0, json.dumps([command, out, log])


def forget(installed: Installation, how: str) -> None:
    with closing(installed.connect()) as connection:
        connection.execute("SET allow_system_table_mods = on")
        for statement in FORGET.format(how).split(";\n"):
            connection.execute(statement)
