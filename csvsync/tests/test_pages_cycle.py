"""The cycle as seen on pages: started, watched, refused while another runs, failed, dead; and the same by API."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from csvsync.models import Run, Unreturned
from csvsync.runs import ledger
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import status_of, upload, upload_by_page
from tests.support.pages import Desk, html, links, words
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db
EXCHANGE = "/desk/exchange/"
START = f"{EXCHANGE}cycle/"


@pytest.fixture
def boss() -> User:
    return factories.manager(email="mia@example.com")


@pytest.fixture
def desk(boss: User) -> Desk:
    return Desk(boss)


def wait_for_cycles() -> None:
    for thread in threading.enumerate():
        if thread.name == "cycle":
            thread.join(PATIENCE)


def page_of(run: Run) -> str:
    return f"{EXCHANGE}{run.pk}/"


@pytest.mark.django_db(transaction=True)
def test_a_cycle_is_started_and_goes_on_without_its_page(desk: Desk, boss: User) -> None:
    tickets = [factories.ticket("PENDING") for _ in range(3)]
    answer = desk.post(START)
    cycle = Run.objects.get(kind="CYCLE")
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(cycle))
    wait_for_cycles()
    cycle.refresh_from_db()
    assert (cycle.state, cycle.started_by) == ("SUCCEEDED", boss)
    assert sorted(status_of(ticket) for ticket in tickets) == ["CLOSED", "OPEN", "PENDING"]
    page = desk.text(page_of(cycle))
    assert "hx-trigger" not in page.partition('id="run"')[2]
    for part in cycle.parts.all():
        assert page_of(part) in links(page)
    assert "3 tickets sent, 2 changed, 1 as before" in words(desk.text(EXCHANGE))


@pytest.mark.parametrize(
    ("phase", "told"),
    [("", "Running"), ("EXPORTING", "Exporting"), ("PROCESSING", "Processing"), ("IMPORTING", "Importing")],
)
def test_a_running_cycle_shows_how_far_it_is_and_asks_again(desk: Desk, boss: User, phase: str, told: str) -> None:
    cycle = ledger.begin_cycle(boss)
    Run.objects.update(phase=phase)
    page = desk.text(page_of(cycle))
    assert f'<div id="run" class="run" hx-get="{page_of(cycle)}" hx-trigger="every 2s"' in page
    assert f'data-said="{told}"' in page
    assert f'<noscript><a href="{page_of(cycle)}">Look again</a></noscript>' in page
    assert words(page).count("To come") == 3
    cycle.counts = {"exported": 0, "distribution": {}, "updated": 0, "skipped": 0, "errors": 0, "total": 0}
    ledger.finish(cycle)
    part = desk.text(page_of(cycle), headers={"HX-Request": "true", "HX-Target": "run"})
    assert part.strip().startswith('<div id="run" class="run" data-said="Succeeded. Nothing was waiting">')


@pytest.mark.parametrize("nightly", [False, True])
def test_while_one_runs_a_second_is_told_who_runs_it_and_led_there(desk: Desk, nightly: bool) -> None:
    cycle = ledger.begin_cycle(None if nightly else factories.manager(email="zoe@example.com"))
    answer = desk.post(START)
    who = "The nightly job" if nightly else "Zoe"
    for page in (html(answer), desk.text(EXCHANGE)):
        assert f"{who} has started an exchange that is still running. Only one runs at a time." in words(page)
        assert page_of(cycle) in links(page)
        assert "Run it now" not in page
    assert (answer.status_code, 'data-refusal="cycle_running"' in html(answer)) == (409, True)
    assert Run.objects.count() == 1


def test_a_dead_cycle_is_told_of_and_stands_in_nobodys_way(desk: Desk, boss: User) -> None:
    cycle = ledger.begin_cycle(boss)
    Run.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    page = words(desk.text(page_of(cycle)))
    assert "There was no sign of life for too long. No ticket was changed." in page
    assert page.count("Not begun") == 3
    assert "Run it now" in desk.text(EXCHANGE)


def test_what_never_came_back_is_listed(desk: Desk, boss: User) -> None:
    author, reviewer = factories.associate(), factories.manager()
    tickets = [factories.ticket("PENDING", author=author, reviewer=reviewer, title=f"Lost {n}") for n in range(25)]
    cycle = ledger.begin_cycle(boss)
    part = ledger.begin(Run.Kind.IMPORT, boss, cycle=cycle)
    counts = {"updated": 0, "skipped": 0, "errors": 0, "total": 0, "unreturned": 25}
    part.counts, cycle.counts = counts, {"exported": 25, "distribution": {}, **counts}
    Unreturned.objects.bulk_create([Unreturned(run=part, ticket=ticket) for ticket in tickets])
    ledger.finish(part)
    ledger.finish(cycle)
    for run in (cycle, part):
        page = desk.text(page_of(run))
        shown = links(page, "/desk/tickets/TKT-")
        assert shown == [f"/desk/tickets/{ticket.ticket_number}/" for ticket in tickets[:20]]
        assert "20 of 25." in page
        assert f"{page_of(run)}unreturned/" in links(page)
        answer = desk.get(f"{page_of(run)}unreturned/")
        assert b"".join(answer.streaming_content).decode().count("Lost ") == 25


# --- The same by page and by API -------------------------------------------------------------------------------------


def test_both_refuse_a_second_cycle(desk: Desk, boss: User) -> None:
    ledger.begin_cycle(factories.manager())
    assert_error(ApiClient(boss).post("/automation/run-now"), 409, "cycle_running")
    assert desk.post(START).status_code == 409


@pytest.mark.parametrize("reason", ["full storage", "not a dry run", "file not kept", "no such run"])
def test_both_refuse_alike(reason: str, desk: Desk, boss: User, tmp_path: Path) -> None:
    status, code = {
        "full storage": (503, "storage_unavailable"),
        "not a dry run": (400, "not_a_rehearsal"),
        "file not kept": (404, "file_not_kept"),
        "no such run": (404, "run_not_found"),
    }[reason]
    run = ledger.begin(Run.Kind.IMPORT, boss, dry_run=reason == "file not kept")
    ledger.finish(run)
    name = "00000000-0000-0000-0000-000000000000" if reason == "no such run" else run.pk
    if reason == "full storage":
        (tmp_path / "file").touch()
        broken = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "file"}}
        with override_settings(STORAGES={**storages.backends, "csv": broken}):
            check_upload(desk, boss, status, code)
        return
    api = ApiClient(boss).post(f"/csv/runs/{name}/apply")
    page = desk.post(f"{EXCHANGE}{name}/apply/")
    assert_error(api, status, code)
    assert (page.status_code, f'data-refusal="{code}"' in html(page)) == (status, True)


def check_upload(desk: Desk, boss: User, status: int, code: str) -> None:
    api = upload(ApiClient(boss), "/csv/import?dryRun=true", b"id,status\nx,OPEN\n")
    page = upload_by_page(desk, "id,status\nx,OPEN\n")
    assert_error(api, status, code)
    assert (page.status_code, f'data-refusal="{code}"' in html(page)) == (status, True)
    assert page.headers["Retry-After"] == api.headers["Retry-After"]
