"""When the worker looks for what is due: whatever happens to tasks, something that is due is sent in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.models import User
from config import clock
from tests.support import factories
from tests.support.databases.transactions import not_yet_committed
from tests.support.patience import wait_until
from tickets.comments.actions import add_comment
from tickets.inbox.models import Told
from tickets.inbox.read_marks import read
from tickets.models import Ticket
from tickets.outbox.sending import send_due
from tickets.outbox.tasks import send_mails, take_up


def ask(boss: User, ticket: Ticket) -> None:
    add_comment(boss, ticket.pk, text="Why?", is_question=True)


def waiting() -> list[DBTaskResult[Any, Any]]:
    return list(DBTaskResult.objects.filter(status="READY").order_by("run_after"))


@pytest.fixture
def _gathering(settings: Settings) -> None:
    settings.MAIL_GATHER = timedelta(minutes=5)


@pytest.mark.django_db
@pytest.mark.usefixtures("_gathering")
def test_one_task_waits_for_many_mails(ana: User, boss: User, ticket: Ticket) -> None:
    ask(boss, ticket)
    for _ in range(3):
        ask(boss, factories.ticket(author=ana))
    [task] = waiting()
    assert task.run_after == Told.objects.filter(user=ana).earliest("mail_due_at").mail_due_at


@pytest.mark.django_db
def test_what_is_due_at_once_is_looked_for_at_once(boss: User, ticket: Ticket) -> None:
    ask(boss, ticket)
    [task] = waiting()
    assert task.run_after <= timezone.now()


@pytest.mark.django_db
@pytest.mark.usefixtures("_gathering")
def test_nothing_is_looked_for_where_the_telling_is_undone(boss: User, ticket: Ticket) -> None:
    with transaction.atomic():
        ask(boss, ticket)
        transaction.set_rollback(True)
    assert waiting() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_gathering")
def test_nothing_is_looked_for_where_nobody_is_mailed(settings: Settings, boss: User, ticket: Ticket) -> None:
    add_comment(boss, ticket.pk, text="By the way.")
    settings.HAS_MAIL = False
    ask(boss, ticket)
    assert waiting() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_gathering")
def test_a_round_comes_back_for_what_is_not_due_yet_and_then_rests(ana: User, boss: User, ticket: Ticket) -> None:
    ask(boss, ticket)
    ask(boss, factories.ticket(author=ana))
    Told.objects.filter(ticket=ticket).update(mail_due_at=clock.BEGINNING)
    DBTaskResult.objects.all().delete()
    send_mails.call()
    assert len(mail.outbox) == 1
    # For the other one; and for the mail that it claimed, in case it had died.
    other, claimed = waiting()
    assert other.run_after - timezone.now() <= timedelta(minutes=5)
    assert claimed.run_after - timezone.now() <= timedelta(minutes=5)
    DBTaskResult.objects.all().delete()
    Told.objects.filter(mail_due_at__isnull=False).update(mail_due_at=clock.BEGINNING)
    send_mails.call()
    assert len(mail.outbox) == 2
    DBTaskResult.objects.all().delete()
    send_mails.call()
    assert waiting() == []


@pytest.mark.django_db
def test_a_worker_that_starts_takes_up_what_is_left(boss: User, ticket: Ticket) -> None:
    take_up()
    assert waiting() == []
    ask(boss, ticket)
    DBTaskResult.objects.update(status="RUNNING")  # whoever had it has died
    for _ in range(2):
        take_up()
    [task] = waiting()
    assert task.run_after <= timezone.now()


@pytest.mark.django_db
@pytest.mark.usefixtures("_gathering")
def test_a_task_waits_by_the_clock_of_the_worker(boss: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock of a machine that is an hour ahead it would be carried out again and again until it is time."""
    ask(boss, ticket)
    DBTaskResult.objects.all().delete()
    there = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr("tickets.outbox.tasks.clock.now", lambda: there)
    Told.objects.filter(mail_due_at__isnull=False).update(mail_due_at=there + timedelta(minutes=3))
    take_up()
    [task] = waiting()
    assert timedelta(minutes=2) < task.run_after - timezone.now() <= timedelta(minutes=3)


@pytest.mark.usefixtures("transactional_db", "_gathering")
def test_a_task_is_not_taken_while_somebody_relies_on_it(boss: User, ticket: Ticket) -> None:
    """Its round would not see what they are about to commit, and none would come after it."""
    if connection.vendor == "sqlite":
        return  # only one writes there: a worker takes a task before they begin, or after they have committed
    ask(boss, ticket)
    soon = timezone.now() + timedelta(seconds=1)
    DBTaskResult.objects.update(run_after=soon)
    with not_yet_committed(lambda: ask(boss, ticket)):
        wait_until(lambda: timezone.now() > soon)
        with transaction.atomic():
            assert DBTaskResult.objects.ready().get_locked() is None
    with transaction.atomic():
        assert DBTaskResult.objects.ready().get_locked() is not None
    assert len(waiting()) == 1


@pytest.mark.django_db
def test_a_worker_waits_for_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ends = iter([OperationalError("nobody there"), InterfaceError("closed"), None])

    def work(*_: object, **__: object) -> None:
        if end := next(ends):
            raise end

    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.Command.handle", work)
    monkeypatch.setattr("config.management.commands.db_worker.RETRY_SECONDS", 0)
    monkeypatch.setattr("django.db.connection.close", lambda: None)  # the test's transaction goes on
    call_command("db_worker")
    assert caplog.text.count("The database does not answer") == 2
    assert next(ends, "all of them were met") == "all of them were met"


@pytest.mark.usefixtures("transactional_db")
def test_who_is_reading_is_not_waited_for(ana: User, boss: User, ticket: Ticket) -> None:
    """They may be about to read what the mail tells of besides, and so wait for who sends it."""
    if connection.vendor == "sqlite":
        return  # only one writes there, so nobody has a part of what somebody else needs
    for _ in range(2):
        ask(boss, ticket)
    first, second = Told.objects.filter(user=ana).order_by("pk")
    Told.objects.filter(pk=first.pk).update(mail_due_at=clock.BEGINNING)
    with not_yet_committed(lambda: read(ana, [second.pk])):
        assert send_due().sent == 1
        assert list(Told.objects.filter(mail_due_at__isnull=False)) == [second]
    assert send_due().sent == 0
    assert not Told.objects.filter(mail_due_at__isnull=False).exists()
