"""The exchange in every state: empty, one run, many, running, refused, failed, dead, files no longer kept."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Page

from accounts.models import User
from csvsync.errors import InvalidCsv
from csvsync.exchange import manual_import
from csvsync.models import Run, Unreturned
from csvsync.runs import ledger, retention
from tests.browser.scenes import scene
from tests.browser.stage import Stage
from tests.browser.visits import forget_shifts
from tests.support import factories
from tickets.models import Ticket

EXCHANGE = "/desk/exchange/"
LONG_NAME = f"Rückmeldung_Störungsbearbeitung_{'Donaudampfschifffahrtsgesellschaft' * 3}_2026-11-24 (Kopie 2).csv"


def pending(stage: Stage, count: int) -> list[Ticket]:
    return [
        factories.ticket(
            "PENDING", author=stage.author, reviewer=stage.manager, title=f"Docking station {n + 1} is lost"
        )
        for n in range(count)
    ]


def answer(stage: Stage, *, errors: int = 4) -> bytes:
    """What the external system might send: good rows, some that stay, some of each kind that is wrong."""
    lines = [
        "id,ticket_number,status,remark",
        *(f"{ticket.pk},{ticket.ticket_number},CLOSED,done" for ticket in pending(stage, 3)),
        f"{stage.worked_on.pk},,OPEN,still at it",
        f"{stage.closed.pk},,OPEN,again?",
        f",{stage.draft.ticket_number},OPEN,",
        f",{stage.worked_on.ticket_number},Erledigungsbestätigung ausstehend,",
        f"{stage.worked_on.pk},{stage.closed.ticket_number},CLOSED,",
        "b7e23ec2-9a5c-4d0e-8f53-2f6ad5d3b7c1,,CLOSED,",
        ",,CLOSED,whose?",
        "one,cell,too,many,here",
        *(f",TKT-2025-{n:06d},CLOSED," for n in range(1, errors - 3)),
    ]
    return "\n".join([*lines, ""]).encode()


def dry_run(stage: Stage, content: bytes, *, name: str = "answer-2026-11-24.csv") -> Run:
    run, _report = manual_import.dry_run_upload(BytesIO(content), user=stage.manager, name=name)
    return run


def page_of(run: Run, where: str = "") -> str:
    return f"{EXCHANGE}{run.pk}/{where}"


def some_runs(stage: Stage) -> None:
    """The ledger after a day: by hand and by night, done and failed."""
    content = answer(stage)
    manual_import.apply_dry_run(dry_run(stage, content), user=stage.manager)
    with pytest.raises(InvalidCsv):
        manual_import.dry_run_upload(BytesIO(b'id,status\nx,"OPEN\n'), user=stage.manager, name=LONG_NAME)
    with_everything_returned(stage)
    for minutes, run in enumerate(Run.objects.order_by("started_at"), 1):
        shift = timedelta(minutes=minutes * 37)
        Run.objects.filter(pk=run.pk).update(
            started_at=run.started_at - shift, finished_at=run.finished_at and run.finished_at - shift
        )


def begin_cycle(user: User | None) -> Run:
    """A new one, in place of what an earlier scene has left running."""
    for left in Run.objects.running():
        ledger.fail(left, RuntimeError("left by another scene"))
    return ledger.begin_cycle(user)


def with_everything_returned(stage: Stage) -> Run:
    """A nightly cycle that is done."""
    cycle = begin_cycle(None)
    counts = {"updated": 812, "skipped": 398, "errors": 0, "total": 1210, "unreturned": 0}
    for kind, its in ((Run.Kind.EXPORT, {"rows": 1210}), (Run.Kind.PROCESS, {}), (Run.Kind.IMPORT, counts)):
        part = ledger.begin(kind, None, cycle=cycle, file_name="" if kind == "PROCESS" else f"{kind.lower()}.csv")
        part.counts = its
        ledger.finish(part)
    cycle.counts = {"exported": 1210, "distribution": {"PENDING": 398, "OPEN": 404, "CLOSED": 408}, **counts}
    ledger.finish(cycle)
    return cycle


@scene("manager")
def exchange_empty(page: Page, stage: Stage) -> None:
    page.goto(EXCHANGE)


@scene("manager")
def exchange(page: Page, stage: Stage) -> None:
    some_runs(stage)
    page.goto(EXCHANGE)


@scene("manager")
def exchange_many(page: Page, stage: Stage) -> None:
    Run.objects.all().delete()
    for n in range(30):
        dry_run(stage, answer(stage), name=LONG_NAME if n % 7 == 3 else f"answer-{n}.csv")
    page.goto(f"{EXCHANGE}?kind=PREVIEW&page=2")


@scene("manager")
def exchange_kind_without_runs(page: Page, stage: Stage) -> None:
    Run.objects.all().delete()
    page.goto(f"{EXCHANGE}?kind=EXPORT")


@scene("manager")
def exchange_file_refused(page: Page, stage: Stage) -> None:
    page.goto(EXCHANGE)
    broken = FilePayload(name="broken.csv", mimeType="text/csv", buffer=b'id,status\nx,"OPEN\n')
    page.get_by_label("CSV file to import").set_input_files(broken)
    page.get_by_role("button", name="Start a dry run").click()
    page.get_by_role("alert").wait_for()


@scene("manager")
def exchange_asked(page: Page, stage: Stage) -> None:
    page.goto(EXCHANGE)
    page.get_by_text("Run it now", exact=True).click()
    page.get_by_role("button", name=re.compile("^Send .* now$")).wait_for()
    forget_shifts(page)


@scene("manager")
def exchange_another_runs(page: Page, stage: Stage) -> None:
    page.goto(EXCHANGE)
    cycle = begin_cycle(None)
    page.get_by_text("Run it now", exact=True).click()
    page.get_by_role("button", name=re.compile("^Send .* now$")).click()
    page.get_by_role("alert").wait_for()
    ledger.fail(cycle, RuntimeError("ended by the test"))


@scene("manager")
def exchange_dry_run(page: Page, stage: Stage) -> None:
    page.goto(page_of(dry_run(stage, answer(stage))))


@scene("manager")
def exchange_dry_run_many_errors(page: Page, stage: Stage) -> None:
    page.goto(page_of(dry_run(stage, answer(stage, errors=130), name=LONG_NAME), "?show=unknown_ticket&page=2"))


@scene("manager")
def exchange_dry_run_changes(page: Page, stage: Stage) -> None:
    page.goto(page_of(dry_run(stage, answer(stage)), "?show=all"))


@scene("manager")
def exchange_dry_run_nothing_to_apply(page: Page, stage: Stage) -> None:
    page.goto(page_of(dry_run(stage, f"id,status\n{stage.worked_on.pk},OPEN\n".encode())))


@scene("manager")
def exchange_dry_run_too_old(page: Page, stage: Stage) -> None:
    run = dry_run(stage, answer(stage))
    then = timezone.now() - timedelta(days=2)
    Run.objects.filter(pk=run.pk).update(started_at=then, finished_at=then + timedelta(seconds=3))
    retention.remove_old_files()
    page.goto(page_of(run))


@scene("manager")
def exchange_applied(page: Page, stage: Stage) -> None:
    first, second = pending(stage, 2)
    run = dry_run(stage, f"id,status\n{first.pk},OPEN\n{second.pk},OPEN\n{stage.closed.pk},OPEN\n".encode())
    meanwhile = BytesIO(f"id,status\n{second.pk},CLOSED\n".encode())
    manual_import.import_upload(meanwhile, user=stage.manager, name="meanwhile.csv")
    page.goto(page_of(run))
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("heading", name="Since the dry run").wait_for()


@scene("manager")
def exchange_running(page: Page, stage: Stage) -> None:
    cycle = begin_cycle(stage.manager)
    export = ledger.begin(Run.Kind.EXPORT, stage.manager, cycle=cycle, file_name="pending.csv")
    export.counts = {"rows": 1210}
    ledger.finish(export)
    ledger.begin(Run.Kind.PROCESS, stage.manager, cycle=cycle)
    ledger.enter_phase(cycle, Run.Phase.PROCESSING, exported=1210)
    page.goto(page_of(cycle))
    page.get_by_text("It goes on by itself").wait_for()


@scene("manager")
def exchange_dead(page: Page, stage: Stage) -> None:
    cycle = begin_cycle(stage.manager)
    ledger.begin(Run.Kind.EXPORT, stage.manager, cycle=cycle, file_name="pending.csv")
    Run.objects.filter(pk=cycle.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    page.goto(page_of(cycle))
    page.get_by_text("There was no sign of life").first.wait_for()


@scene("manager")
def exchange_cycle_done(page: Page, stage: Stage) -> None:
    page.goto(page_of(with_everything_returned(stage)))


@scene("manager")
def exchange_never_came_back(page: Page, stage: Stage) -> None:
    cycle = with_everything_returned(stage)
    part = cycle.parts.get(kind=Run.Kind.IMPORT)
    missing = list(Ticket.objects.live().newest_first()[:24])
    Unreturned.objects.bulk_create([Unreturned(run=part, ticket=ticket) for ticket in missing])
    for run in (part, cycle):
        run.counts["unreturned"] = len(missing)
        run.save()
    page.goto(page_of(cycle))


@scene("manager")
def exchange_failed(page: Page, stage: Stage) -> None:
    with pytest.raises(InvalidCsv):
        manual_import.import_upload(BytesIO(b"name,state\nx,OPEN\n"), user=stage.manager, name=LONG_NAME)
    page.goto(page_of(Run.objects.newest_first()[0]))


@scene("author")
def exchange_for_an_associate(page: Page, stage: Stage) -> None:
    page.goto(EXCHANGE)
