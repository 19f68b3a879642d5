"""Machines whose clocks are wrong, beside one database whose clock counts."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import Value
from django.utils import timezone

from accounts.models import User
from config import clock
from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.patience import PATIENCE
from tests.support.server import ROOT, server_environment
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

AHEAD = timedelta(minutes=3)

# A process of another machine. Only its own clock is wrong: what it is told by the database stays as it is.
MACHINE = """
import sys, time_machine
from datetime import timedelta
time_machine.travel(timedelta(seconds=float(sys.argv[1])), tick=True).start()
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[2:]])
"""
CREATE = """
from tests.support.factories import *
from accounts.models import User
from tickets.actions import create_ticket
from accounts.models import User
from config import clock
create_ticket(User.objects.get(), title="x", description="y", due_date=clock.now(), severity="LOW")
"""


def on_a_machine(ahead: timedelta, database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", MACHINE, str(ahead.total_seconds()), *arguments],
        cwd=ROOT,
        env=server_environment(database_url, DJANGO_SETTINGS_MODULE="config.settings", DATABASE_POOL="0"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def on_postgresql() -> bool:
    """SQLite lives on one machine, which has one clock."""
    return connection.vendor == "postgresql"


def run(**fields: Any) -> Run:
    now = clock.now()
    times = {"started_at": now, "heartbeat_at": now}
    return Run.objects.create(**{"kind": "CYCLE", "host": "elsewhere", "pid": 1, **times, **fields})


def test_a_machine_ahead_leaves_a_living_cycle_alone(database_url: str) -> None:
    if not on_postgresql():
        return
    living = run()
    ended = on_a_machine(AHEAD, database_url, "run_nightly")
    assert (ended.returncode, "A cycle has been running since" in ended.stderr) == (75, True), ended.stderr
    living.refresh_from_db()
    assert (living.state, living.error) == ("RUNNING", "")


def test_what_a_machine_ahead_does_is_not_of_the_future(database_url: str) -> None:
    if not on_postgresql():
        return
    ended = on_a_machine(AHEAD, database_url, "run_nightly")
    assert ended.returncode == 0, ended.stderr
    [cycle] = Run.objects.filter(kind="CYCLE")
    assert cycle.finished_at
    assert cycle.started_at <= cycle.finished_at <= timezone.now()
    last = datetime.fromisoformat(ApiClient().get("/readyz").json()["lastSuccessfulCycle"])
    assert last <= timezone.now()


def test_a_ticket_of_a_machine_that_is_a_year_ahead_is_of_this_year(database_url: str) -> None:
    if not on_postgresql():
        return
    factories.associate()
    ended = on_a_machine(timedelta(days=366), database_url, "shell", "--no-imports", "--command", CREATE)
    assert ended.returncode == 0, ended.stderr
    [ticket] = Ticket.objects.all()
    assert ticket.created_at == ticket.updated_at <= timezone.now()
    assert (ticket.year, ticket.sequence) == (ticket.created_at.year, 1)


def test_a_cycle_that_is_dated_ahead_counts_once_its_time_has_come() -> None:
    done = {"state": "SUCCEEDED"}
    then, ahead = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC), clock.now() + timedelta(hours=1)
    assert ApiClient().get("/readyz").json()["lastSuccessfulCycle"] is None
    run(started_at=then, finished_at=then, **done)
    run(started_at=ahead, finished_at=ahead, **done)
    assert ApiClient().get("/readyz").json()["lastSuccessfulCycle"] == "2026-01-02T03:04:05.678Z"


@pytest.mark.parametrize("shift", [timedelta(0), timedelta(hours=-26), timedelta(seconds=90)])
def test_the_present_in_a_query_is_that_of_the_clock(shift: timedelta) -> None:
    user = factories.associate()
    people = User.objects.filter(pk=user.pk)
    before = clock.now()
    moment = people.values_list(clock.Present(shift), flat=True).get()
    later = people.values_list(clock.Present(shift, not_before=before + timedelta(days=1)), flat=True).get()
    assert before + shift <= moment <= clock.now() + shift
    assert later == before + timedelta(days=1)
    assert [t.microsecond % 1000 for t in (before, moment, later)] == [0, 0, 0]


class _TakesLong(Value):
    """Time passes while the statement is put together."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        super().__init__(0)
        self.traveller = traveller

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        self.traveller.shift(timedelta(milliseconds=1))
        return super().as_sql(compiler, connection)


def test_the_present_is_the_same_everywhere_in_a_statement() -> None:
    """A deletion, for one, writes it into two columns."""
    people = User.objects.filter(pk=factories.associate().pk)
    with time_machine.travel(datetime(2026, 3, 5, 10, 0, tzinfo=UTC), tick=False) as traveller:
        at = clock.Present()
        found = people.annotate(one=at, between=_TakesLong(traveller), other=at).values_list("one", "between", "other")
        [(one, _between, other)] = found
    assert one == other


def test_a_process_that_travels_takes_the_database_along() -> None:
    """What other tests build on, who set the clock."""
    with time_machine.travel(datetime(2026, 3, 5, 10, 0, 0, 123_987, UTC), tick=False):
        assert clock.now() == datetime(2026, 3, 5, 10, 0, 0, 123_000, UTC)
    assert abs(clock.now() - timezone.now()) < timedelta(minutes=1)
