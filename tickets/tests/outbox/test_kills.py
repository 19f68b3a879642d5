"""The worker as a process: killed while it sends, and with a mail server that is away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from config import clock
from config.management.commands import db_worker
from tests.support import factories
from tests.support.fakes.smtp import OK, Mail, mail_server
from tests.support.managepy import Command, Nursery, nursery
from tests.support.pages import Desk
from tests.support.patience import PATIENCE
from tests.support.server import ROOT, free_port, server_environment
from tickets.comments.actions import add_comment
from tickets.following.models import FollowChoice
from tickets.inbox.models import Told
from tickets.models import Ticket
from tickets.outbox.claiming import next_due

WORKER = ("db_worker", "--batch", "--interval=0", "--no-startup-delay")
REFUSALS = 30


class Murderous:
    """A mail server that refuses one mail in ten for a while, and at some mails has its client killed.

    `kills` says at which mail, and when: `before` it says yes, `between` its yes and the client hearing of that, or
    `after` that, at about the time at which the client commits.
    """

    def __init__(self, kills: dict[int, str]) -> None:
        self.kills, self.tries, self.refused = kills, 0, 0
        self.client: Command | None = None
        self.killed_at: dict[str, list[str]] = defaultdict(list)

    def __call__(self, mail: Mail) -> str:
        self.tries += 1
        if when := self.kills.get(self.tries):
            self.killed_at[when].append(mail[1]["Message-ID"])
            assert self.client is not None
            if when == "after":
                threading.Timer(0.002, self.client.kill).start()
                return OK
            self.client.kill()
            return OK if when == "between" else "451 nobody is there any more"
        if self.tries % 10 == 0 and self.refused < REFUSALS:
            self.refused += 1
            return "451 try later"
        return OK


@contextmanager
def workers(database_url: str, folder: Path, **variables: str) -> Iterator[Nursery]:
    connection.close()
    with nursery(server_environment(database_url, DATABASE_POOL="0", **variables), folder) as manage:
        yield manage


def let_time_pass() -> None:
    """What is claimed by who has died may be claimed again, and what was refused may be tried again."""
    Told.objects.filter(mail_due_at__isnull=False).update(mail_due_at=clock.now())


def ask_everybody(boss: User, *, people: int, tickets: int) -> int:
    """The number of mails that become due."""
    crowd = [factories.associate(email=f"p{number}@example.com") for number in range(people)]
    for number in range(tickets):
        about = factories.ticket(author=crowd[0], title=f"Title {number}")
        choices = [FollowChoice(ticket=about, user=person, follows=True) for person in crowd]
        FollowChoice.objects.bulk_create(choices)
        add_comment(boss, about.pk, text="Why?", is_question=True)
    return people * tickets


def planned(long_run: bool) -> dict[int, str]:
    kinds = ["before", "between", "after", "between"]
    times = range(20, 20 + 20 * 45, 45) if long_run else range(8, 8 + 3 * 17, 17)
    return {at: kinds[number % len(kinds)] for number, at in enumerate(times)}


def test_a_worker_that_is_killed_loses_no_mail(
    boss: User, database_url: str, tmp_path: Path, long_run: bool, record_property: Callable[[str, object], None]
) -> None:
    wanted = ask_everybody(boss, people=20, tickets=50 if long_run else 3)
    server = Murderous(planned(long_run))
    with mail_server(server) as (address, taken), workers(database_url, tmp_path, EMAIL_URL=address) as manage:
        ends = []
        while next_due() is not None:
            let_time_pass()
            connection.close()
            server.client = manage.start(*WORKER)
            ends.append(server.client.wait())
            assert len(ends) < 200
    assert Counter(ends)[-signal.SIGKILL] == len(server.kills) == (20 if long_run else 3)
    assert server.refused > 0
    arrived = Counter(mail["Message-ID"] for _to, mail in taken)
    assert len(arrived) == len({(to, mail["Subject"]) for to, mail in taken}) == wanted
    twice = {message for message, times in arrived.items() if times > 1}
    assert max(arrived.values()) <= 2
    assert set(server.killed_at["between"]) <= twice <= {*server.killed_at["between"], *server.killed_at["after"]}
    said = f"{wanted} mails, {len(ends)} workers, {len(server.kills)} killed, {server.refused} refused for a while, "
    said += f"{len(twice)} twice: {len(server.killed_at['between'])} killed between the yes and hearing it, "
    said += f"{len(server.killed_at['after'])} about the time of the commit"
    print(said)
    record_property("mails", said)
    threads: dict[str, set[str]] = defaultdict(set)
    for _to, mail in taken:
        assert mail["In-Reply-To"] == mail["References"]
        threads[mail["Subject"]].add(mail["References"])
    assert all(len(roots) == 1 for roots in threads.values())
    assert len(set.union(*threads.values())) == len(threads) == Ticket.objects.count()


def test_a_mail_server_that_is_away_stops_nothing(
    ana: User, boss: User, ticket: Ticket, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    add_comment(boss, ticket.pk, text="Why?", is_question=True)
    with workers(database_url, tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{port}?tls=0") as manage:
        code, _out, log = manage.run(*WORKER)
        assert (code, log.count("The mail server cannot be reached")) == (0, 1)
        assert list(Told.objects.filter(user=ana).values_list("mail_attempts", flat=True)) == [1]
        assert DBTaskResult.objects.filter(status="READY").exists()
        add_comment(boss, ticket.pk, text="And when?", is_question=True)
        assert "And when?" in Desk(ana).text(f"/desk/tickets/{ticket.ticket_number}/?inbox=0")
        Told.objects.update(is_read=False)
        with mail_server(port=port) as (_address, taken):
            let_time_pass()
            connection.close()
            code, _out, log = manage.run(*WORKER)
            assert (code, log) == (0, "")
    assert [to for to, _mail in taken] == ["ana@example.com"] * 2


@pytest.mark.one_database
def test_a_worker_beside_the_server_ends_with_it_whatever_ends_the_server(database_url: str) -> None:
    """Its signals are blocked where it begins, as whatever watches over it has them."""
    connection.close()
    reading, writing = os.pipe()
    words = [sys.executable, "manage.py", "db_worker", f"--lifeline={reading}"]
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    try:
        process = subprocess.Popen(words, cwd=ROOT, env=server_environment(database_url), pass_fds=[reading])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        os.close(reading)
    os.close(writing)
    assert process.wait(PATIENCE) in (0, -signal.SIGTERM)


@pytest.mark.no_database
def test_the_end_of_a_server_is_waited_for_where_the_pipe_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of the server share the pipe, and have made it such a one."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *told: killed.append(told))
    closing = threading.Timer(0.2, os.close, [writing])
    closing.start()
    db_worker._end_with(reading)
    closing.join()
    os.close(reading)
    assert killed == [(os.getpid(), signal.SIGTERM)]
