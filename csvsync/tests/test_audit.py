"""What an audit says about the exchange, and the audit after the nightly cycle."""

from __future__ import annotations

import io
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db.models import F

from config import clock
from config.server.processes import this_process
from csvsync.exchange import nightly_audit
from csvsync.exchange.cycle import run_cycle
from csvsync.imports.importer import import_statuses
from csvsync.models import Run
from csvsync.runs import ledger, retention
from tests.support import factories
from tests.support.fakes.smtp import IN_MEMORY
from tests.support.forgery import moment, sql, triggers_lifted
from tests.support.patience import PATIENCE
from tickets.actions import approve_ticket
from tickets.models import Audit, HistoryEntry, TicketText

pytestmark = pytest.mark.django_db


def audit(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The findings in words."""
    capsys.readouterr()
    with suppress(CommandError):
        call_command("audit")
    lines = capsys.readouterr().out.splitlines()
    return [line for line in lines if not line.startswith(("Looked at ", "Nothing is wrong."))]


@pytest.fixture
def part() -> Run:
    """The import of a cycle that has moved two of three tickets."""
    for _ in range(3):
        factories.ticket("PENDING")
    assert run_cycle(None).updated == 2
    return Run.objects.imports().get()


def test_a_cycle_agrees_with_history_and_files(part: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(capsys) == []
    assert Audit.objects.latest("pk").looked_at["files"] == 2
    assert Audit.objects.latest("pk").looked_at["runs"] == 2


def test_an_import_that_says_to_have_moved_more_than_history_has_is_named(
    part: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    Run.objects.filter(pk=part.pk).update(counts={"updated": 7, "skipped": 0, "errors": 0, "total": 7})
    assert f"run {part.pk}: It moved 7 tickets, and history has 2 entries of its time." in audit(capsys)[0]


def test_an_import_whose_rows_do_not_add_up_is_named(part: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Run.objects.filter(pk=part.pk).update(counts={"updated": 2, "skipped": 0, "errors": 0, "total": 3})
    assert f"run {part.pk}: Its updated, skipped and wrong rows are not as many as its rows." in audit(capsys)[0]


def test_an_entry_of_an_import_that_was_taken_out_is_missed(part: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with triggers_lifted():
        last = "SELECT id FROM tickets_historyentry WHERE action = 'imported' LIMIT 1"
        sql(f"DELETE FROM tickets_told WHERE entry_id = ({last})")
        sql(f"DELETE FROM tickets_historyentry WHERE id = ({last})")
    assert any("history has 1 entries of its time" in line for line in audit(capsys))


def test_a_kept_file_that_was_changed_is_named(part: Run, capsys: pytest.CaptureFixture[str]) -> None:
    storages["csv"].delete(part.kept_as)
    storages["csv"].save(part.kept_as, io.BytesIO(b"id,status\n"))
    assert f"run {part.pk}: Its file {part.kept_as} is not the one that was kept." in audit(capsys)[0]


def test_a_kept_file_that_is_gone_is_named(part: Run, capsys: pytest.CaptureFixture[str]) -> None:
    storages["csv"].delete(part.kept_as)
    [found] = audit(capsys)
    assert f"run {part.pk}: Its file {part.kept_as} is not there. See that CSV_STORAGE is" in found


@pytest.mark.parametrize("is_there", [False, True], ids=["not there", "empty"])
def test_a_whole_folder_that_is_missing_is_one_finding(
    is_there: bool, part: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path, settings: Any
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if is_there:
        elsewhere.mkdir()
    csv = {**settings.STORAGES["csv"], "OPTIONS": {"location": str(elsewhere)}}
    settings.STORAGES = {**settings.STORAGES, "csv": csv}
    [found] = audit(capsys)
    assert f"folder {elsewhere}: It is not there or empty, and files of 2 runs should be in it." in found
    assert "See that CSV_STORAGE is that of the server." in found
    Run.objects.update(kept_as="")
    assert audit(capsys) == []


def test_files_that_were_removed_for_their_age_are_not_missed(
    part: Run, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    Run.objects.update(started_at=F("started_at") - timedelta(days=settings.CSV_KEEP_DAYS))
    storages["csv"].delete(part.kept_as)  # about to be noted
    assert audit(capsys) == []
    retention.remove_old_files()
    assert audit(capsys) == []


def test_a_file_whose_run_is_under_way_is_not_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    ledger.begin(Run.Kind.IMPORT, factories.manager(), kept_as="2026/01/01/not-yet.csv")
    assert audit(capsys) == []


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_file_of_a_process_that_was_killed_may_be_there_or_not(
    is_kept: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_kept:
        monkeypatch.setattr(retention, "keep", lambda _run, _file: None)
    file = io.BytesIO(b"id,status\n")
    run = ledger.begin_with_file(Run.Kind.IMPORT, factories.manager(), file, name="statuses.csv")
    Run.objects.update(host=this_process().host, pid=2**22 + 1)  # as which no process can be running
    ledger.mark_dead()
    run.refresh_from_db()
    assert (run.state, run.kept_as != "") == ("FAILED", True)
    assert audit(capsys) == []


def test_an_import_after_the_clock_was_set_back_agrees_with_history(capsys: pytest.CaptureFixture[str]) -> None:
    drafts = [factories.ticket() for _ in range(3)]
    tomorrow = clock.now() + timedelta(days=1)
    with triggers_lifted():
        sql("UPDATE tickets_ticket SET updated_at = %s", [moment(tomorrow)])
    for draft in drafts:
        approve_ticket(factories.manager(), draft.pk)
    assert run_cycle(None).updated == 2
    assert set(HistoryEntry.objects.filter(action="imported").values_list("created_at", flat=True)) == {tomorrow}
    assert audit(capsys) == []


def test_an_import_during_which_the_clock_is_set_back_agrees_with_history(capsys: pytest.CaptureFixture[str]) -> None:
    ticket, user = factories.ticket("PENDING"), factories.manager()
    run = ledger.begin(Run.Kind.IMPORT, user)
    run.started_at += timedelta(minutes=1)
    run.save(update_fields=["started_at"])
    file = io.BytesIO(f"id,status\n{ticket.pk},OPEN\n".encode())
    assert import_statuses(file, user=user, record=run).updated == 1
    assert audit(capsys) == []


# --- After the nightly cycle -----------------------------------------------------------------------------------------


def wait_for_audit() -> None:
    for thread in threading.enumerate():
        if thread.name == "audit":
            thread.join(PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_the_nightly_cycle_is_followed_by_an_audit_once_a_night(settings: Any) -> None:
    settings.MAILERS, settings.OPERATIONS_MAIL = IN_MEMORY, ["ops@example.com"]
    run_cycle(None)
    wait_for_audit()
    assert Audit.objects.count() == 0  # nobody wants it yet
    settings.AUDIT_NIGHTLY = True
    run_cycle(factories.manager())
    wait_for_audit()
    assert Audit.objects.count() == 0
    for _ in range(2):
        run_cycle(None)
        wait_for_audit()
    assert Audit.objects.values_list("nightly", "found").get() == (True, 0)
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_what_the_nightly_audit_finds_is_mailed(settings: Any) -> None:
    settings.MAILERS, settings.OPERATIONS_MAIL = IN_MEMORY, ["ops@example.com"]
    settings.AUDIT_NIGHTLY, settings.PUBLIC_URL = True, "https://desk.example.com"
    ticket = factories.ticket()
    TicketText.objects.update(text="another")
    run_cycle(None)
    wait_for_audit()
    [letter] = mail.outbox
    assert (letter.subject, letter.to) == ("The audit has found something", ["ops@example.com"])
    assert f"{ticket.ticket_number}: Search knows another text of it." in letter.body
    assert "https://desk.example.com/admin/tickets/audit/" in letter.body


def test_an_audit_that_cannot_be_carried_out_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("csvsync.exchange.nightly_audit.carry_out", None)
    monkeypatch.setattr("csvsync.exchange.nightly_audit.connection.close", lambda: None)
    nightly_audit._audit()
    assert "The nightly audit could not be carried out." in caplog.text
