"""What grows without end is trimmed: by `manage.py tidy`, and after each cycle."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.idempotency import keys
from accounts.models import AuditEntry, FailedSignIns, IdempotencyKey, KnownAddress, Letter, SignInFailure, SignInPlace
from config import settings
from csvsync.models import Run
from csvsync.runs import ledger, retention
from tests.support import factories
from tickets.models import LastLook, Told, Upload


def make_things(age: timedelta) -> None:
    """One of each kind of thing, so old; `Session` by when it ends."""
    then, author = timezone.now() - age, factories.associate()
    Session.objects.create(session_key=uuid.uuid4().hex, session_data="x", expire_date=then)
    failure = SignInFailure.objects.create(email="a@example.com", address="192.0.2.1")
    SignInFailure.objects.filter(pk=failure.pk).update(created_at=then)
    SignInPlace.objects.create(email="a@example.com", address="192.0.2.1", created_at=then)
    KnownAddress.objects.create(address=f"192.0.2.{KnownAddress.objects.count()}", succeeded_at=then)
    Letter.objects.create(kind="LOST", email="a@example.com", created_at=then)
    ended: dict[str, Any] = {"finished_at": then}
    states = {"READY": {}, "RUNNING": {"started_at": then}, "SUCCESSFUL": ended, "FAILED": ended}
    task: dict[str, Any] = {"args_kwargs": {"args": [], "kwargs": {}}, "task_path": "a.task", "run_after": then}
    for status, fields in states.items():
        DBTaskResult.objects.create(status=status, backend_name="default", **task, **fields)
    FailedSignIns.objects.create(key=str(author.pk), count=3, since=then, until=then, address="192.0.2.1")
    AuditEntry.objects.create(action="signed_in", created_at=then - timedelta(days=1), origin="192.0.2.1")
    run = ledger.begin(Run.Kind.IMPORT, factories.manager(), kept_as=f"{uuid.uuid4()}.csv")
    retention.keep(run, io.BytesIO(b"id,status\nx,OPEN\n"))
    ledger.finish(run)
    if age > timedelta(0):
        Run.objects.filter(pk=run.pk).update(started_at=then)
    for purpose, kept in (("POST /tickets", timedelta(hours=24)), ("form of a new ticket", timedelta(days=30))):
        name = keys.KeyName(purpose, uuid.uuid4().hex, author.pk)
        keys.keep(name, uuid.uuid4(), kept=None)
        name.rows().update(expires_at=then + kept)
    keys.keep(keys.KeyName("cycle", str(then)), uuid.uuid4(), kept=None)
    LastLook.objects.create(user=author, ticket=factories.ticket(), seen_at=then)
    told = factories.ticket(author=author).history.get()
    Told.objects.create(user=author, ticket=told.ticket, entry=told, kind="RESTORED", created_at=then, is_read=True)
    about = {"file_name": "x", "content_type": "text/plain", "size": 1, "sha256": "0" * 64}
    Upload.objects.create(uploaded_by=author, created_at=then, **about)


def counted() -> tuple[int, ...]:
    return (
        Session.objects.count(),
        SignInFailure.objects.count(),
        SignInPlace.objects.count(),
        KnownAddress.objects.count(),
        Letter.objects.count(),
        DBTaskResult.objects.count(),
        Run.objects.exclude(kept_as="").count(),
        IdempotencyKey.objects.count(),
        FailedSignIns.objects.count(),
        AuditEntry.objects.filter(action="signed_in").count(),
        LastLook.objects.count(),
        Told.objects.filter(is_read=True).count(),
        Upload.objects.count(),
    )


@pytest.mark.django_db
def test_what_is_old_goes_and_what_is_young_stays(capsys: pytest.CaptureFixture[str]) -> None:
    make_things(timedelta(days=400))
    make_things(timedelta(minutes=-5))
    call_command("tidy")
    assert counted() == (1, 1, 1, 1, 1, 4, 1, 4, 1, 1, 1, 1, 1)  # the keys of cycles stay
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "1 files of old runs removed",
        "0 half-written files removed",
        "1 files that no form came for removed",
        "0 files without an attachment removed",
        "1 expired sessions removed",
        "3 old attempts to sign in removed",
        "1 counts of failed sign-ins removed",
        "1 old entries of the record removed",
        "1 old mails about accounts removed",
        "4 results of tasks removed",
        "2 expired keys of what is done once removed",
        "0 leases of drafts that are over removed",
        "0 drafts put aside no longer removed",
        "1 old looks at tickets removed",
        "1 things that were read in inboxes removed",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("processor", ["simulated", "http://127.0.0.1:1/nobody"])
def test_each_cycle_tidies_up_even_one_that_failed(processor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csvsync.external.remote.FIRST_PAUSE", 0.01)
    factories.ticket("PENDING")
    make_things(timedelta(days=400))
    with override_settings(CSV_PROCESSOR=processor):
        if processor == "simulated":
            call_command("run_nightly", "--json")
        else:
            with pytest.raises(CommandError):
                call_command("run_nightly")
    sessions, failures, places, addresses, letters, tasks, _files, *rest = counted()
    assert (sessions, failures, places, addresses, letters, tasks, *rest) == (0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)


@pytest.mark.django_db
def test_one_thing_that_cannot_be_trimmed_does_not_keep_the_others() -> None:
    make_things(timedelta(days=400))
    with (
        override_settings(TIDY={"what is not there": "csvsync.nowhere.trim", **settings.TIDY}),
        pytest.raises(CommandError, match="what is not there: ModuleNotFoundError"),
    ):
        call_command("tidy")
    assert counted() == (0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)
