"""The exchange as pages: who may see it, imports with a dry run, the ledger, what can be downloaded."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from csvsync.models import Run
from csvsync.runs import retention
from tests.support import factories
from tests.support.csv_files import status_of, upload_by_page
from tests.support.pages import Desk, html, links, words
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
EXCHANGE = "/desk/exchange/"


@pytest.fixture
def boss() -> User:
    return factories.manager(email="mia@example.com")


@pytest.fixture
def desk(boss: User) -> Desk:
    return Desk(boss)


def dry_run(desk: Desk, content: str | bytes, **options: Any) -> str:
    """The address of the dry run of this file."""
    answer = upload_by_page(desk, content, **options)
    assert answer.status_code == 302, html(answer)
    return str(answer.headers["Location"])


def mixed(*, good: int = 2) -> tuple[list[Ticket], str]:
    """Tickets, and a file that would move some, leaves one, and has one row of each kind of error."""
    author, reviewer = factories.associate(), factories.manager()
    pending = [factories.ticket("PENDING", author=author, reviewer=reviewer) for _ in range(good)]
    is_open, closed, twice = (
        factories.ticket(status, author=author, reviewer=reviewer) for status in ("OPEN", "CLOSED", "PENDING")
    )
    lines = [
        "id,ticket_number,status",
        *(f"{ticket.pk},,OPEN" for ticket in pending),
        f"{is_open.pk},,OPEN",
        f"{closed.pk},,OPEN",
        f"{pending[0].pk},,DONE",
        f"{pending[0].pk},{pending[1].ticket_number},OPEN" if good > 1 else f"{pending[0].pk},TKT-1,OPEN",
        "TKT-2020-000001,,OPEN",
        "too,many,cells,here",
        f"{twice.pk},,OPEN",
        f"{twice.pk},,CLOSED",
    ]
    return pending, "\n".join(lines) + "\n"


def rows(page: str) -> list[tuple[int, str]]:
    """The rows shown, each with its line and what was said about it."""
    table = page.partition('class="tickets rows"')[2].partition("</table>")[0]
    found = re.findall(r"</span>(\d+)</td>\s*<td class=\"key\">.*?</td>\s*<td>(.*?)</td>", table, re.DOTALL)
    return [(int(line), verdict) for line, verdict in found]


def tabs(page: str) -> dict[str, int]:
    found = re.findall(r'<a id="(?:show|kind)-(\w+)".*?<span class="count">(\d+)</span>', page, re.DOTALL)
    return {name: int(count) for name, count in found}


# --- Who may ---------------------------------------------------------------------------------------------------------

PAGES = ["", "export/", "{run}/", "{run}/errors/", "{run}/file/", "{run}/unreturned/"]
FORMS = ["upload/", "process/", "cycle/", "{run}/apply/"]


@pytest.mark.parametrize(
    ("method", "path"), [*(("get", path) for path in PAGES + FORMS), *(("post", path) for path in FORMS)]
)
def test_only_managers_are_let_in(method: str, path: str, desk: Desk) -> None:
    dry_run(desk, "id,status\nx,OPEN\n")
    path = EXCHANGE + path.format(run=Run.objects.get().pk)
    refused = getattr(Desk(factories.associate()), method)(path)
    assert (refused.status_code, "Your role does not allow it." in html(refused)) == (403, True)
    led = getattr(Desk(), method)(path)
    assert (led.status_code, led.headers["Location"]) == (302, f"/desk/login/?next={path}")
    assert Run.objects.count() == 1


def test_the_navigation_leads_managers_there(desk: Desk) -> None:
    assert EXCHANGE in links(desk.text("/desk/tickets/"))
    assert EXCHANGE not in links(Desk(factories.associate()).text("/desk/tickets/"))


# --- Dry run and apply -----------------------------------------------------------------------------------------------


def test_a_dry_run_tells_of_each_row_and_changes_nothing(desk: Desk) -> None:
    pending, content = mixed()
    page = desk.text(dry_run(desk, content, name="from Bob.csv"))
    assert "Dry run of from Bob.csv" in page
    assert tabs(page) == {
        "errors": 7, "updated": 2, "skipped": 1, "all": 10, "illegal_move": 1, "unknown_status": 1,
        "ticket_mismatch": 1, "unknown_ticket": 1, "unreadable_row": 1, "contradictory_rows": 2,
    }  # fmt: skip
    assert rows(page) == [
        (5, "Not possible now"), (6, "Unknown status"), (7, "Id and number differ"), (8, "No such ticket"),
        (9, "Cannot be read"), (10, "Contradict each other"), (11, "Contradict each other"),
    ]  # fmt: skip
    assert "A ticket in CLOSED cannot become OPEN." in page
    assert "Apply 2 changes" in page
    assert {status_of(ticket) for ticket in pending} == {"PENDING"}


@pytest.mark.parametrize(
    ("show", "lines"),
    [
        ("all", [*range(2, 12)]),
        ("errors", [*range(5, 12)]),
        ("updated", [2, 3]),
        ("skipped", [4]),
        ("illegal_move", [5]),
        ("contradictory_rows", [10, 11]),
    ],
)
def test_rows_can_be_narrowed_and_paged(desk: Desk, show: str, lines: list[int]) -> None:
    address = dry_run(desk, mixed()[1])
    found = rows(desk.text(f"{address}?show={show}"))
    assert [line for line, _verdict in found] == lines
    paged = [
        line
        for n in range(1, len(lines) + 1)
        for line, _ in rows(desk.text(f"{address}?show={show}&page={n}&pageSize=1"))
    ]
    assert paged == lines


@pytest.mark.parametrize("query", ["show=x", "page=0", "page=x"])
def test_a_query_that_makes_no_sense_is_explained(desk: Desk, query: str) -> None:
    address = dry_run(desk, "id,status\nx,OPEN\n")
    assert desk.get(f"{address}?{query}").status_code == 400
    assert desk.get(f"{EXCHANGE}?{query.replace('show', 'kind')}").status_code == 400


def test_what_is_applied_is_what_was_tried_in_a_dry_run(desk: Desk) -> None:
    pending, content = mixed()
    address = dry_run(desk, content)
    answer = desk.post(f"{address}apply/")
    assert answer.status_code == 302
    page = desk.text(answer.headers["Location"])
    assert "Applied: 2 changed, 1 as before, 7 not applied. Nothing has changed since the dry run." in words(page)
    assert "Every row came out as in the dry run." in page
    assert len(rows(page)) == 7
    assert {status_of(ticket) for ticket in pending} == {"OPEN"}
    again = desk.text(address)
    assert answer.headers["Location"] in links(again)
    assert "Apply 2 changes" not in again


def test_applying_judges_again_and_tells_what_has_changed(desk: Desk) -> None:
    first, second = factories.ticket("PENDING"), factories.ticket("PENDING")
    address = dry_run(desk, f"id,status\n{first.pk},OPEN\n{second.pk},OPEN\n")
    factories.import_status(first, "OPEN")
    factories.import_status(second, "CLOSED")
    page = desk.text(desk.post(f"{address}apply/").headers["Location"])
    assert "2 rows came out otherwise than in the dry run." in page
    section = page.partition('id="since"')[2].partition("</table>")[0]
    cells = [words(row) for row in re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)[1:]]
    assert cells == [f"2 {first.pk} Changes Stays as it is", f"3 {second.pk} Changes Not possible now"]


def test_what_is_no_dry_run_cannot_be_applied(desk: Desk) -> None:
    ticket = factories.ticket("PENDING")
    applied = desk.post(f"{dry_run(desk, f'id,status\n{ticket.pk},OPEN\n')}apply/").headers["Location"]
    refused = desk.post(f"{applied}apply/")
    assert (refused.status_code, 'data-refusal="not_a_rehearsal"' in html(refused)) == (400, True)


def test_a_dry_run_that_is_too_old_says_so(desk: Desk) -> None:
    address = dry_run(desk, f"id,status\n{factories.ticket('PENDING').pk},OPEN\n")
    Run.objects.update(started_at=timezone.now() - timedelta(days=2))
    retention.remove_old_files()
    page = desk.text(address)
    assert "Upload the file again." in page
    assert "What was said about single rows is not kept any more." in page
    assert f"{address}apply/" not in page
    refused = desk.post(f"{address}apply/")
    assert (refused.status_code, 'data-refusal="file_not_kept"' in html(refused)) == (404, True)
    assert desk.get(f"{address}file/").status_code == 404


def test_a_file_without_errors_shows_what_it_would_do(desk: Desk) -> None:
    ticket = factories.ticket("PENDING")
    page = desk.text(dry_run(desk, f"id,status\n{ticket.pk},CLOSED\n"))
    assert rows(page) == [(2, "Changes")]
    assert f"/desk/tickets/{ticket.ticket_number}/" in links(page)


@pytest.mark.parametrize("to", ["upload", "process"])
def test_a_file_that_cannot_be_read_is_explained_under_its_field(desk: Desk, to: str) -> None:
    answer = upload_by_page(desk, 'id,status\nx,"OPEN\n', to=to)
    page = html(answer)
    assert answer.status_code == 400
    assert 'data-refusal="invalid_csv"' in page
    assert f'id="{to}-error"' in page
    assert "Empty or invalid CSV. A quote is still open at the end of the file." in words(page)
    missing = desk.post(f"{EXCHANGE}{to}/")
    assert (missing.status_code, "Choose a file first." in html(missing)) == (400, True)


def test_a_failed_run_tells_why(desk: Desk) -> None:
    upload_by_page(desk, b"id,status\n\0,OPEN\n", name="broken.csv")
    [run] = Run.objects.all()
    assert "broken.csv" in desk.text(EXCHANGE)
    page = words(desk.text(f"{EXCHANGE}{run.pk}/"))
    assert "Empty or invalid CSV." in page
    assert "No ticket was changed." in page


# --- Downloads -------------------------------------------------------------------------------------------------------


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("status", ["PENDING", "OPEN"])
def test_exports_are_the_apis(desk: Desk, status: str) -> None:
    ticket = factories.ticket(status)
    factories.ticket("CLOSED")
    lines = body(desk.get(f"{EXCHANGE}export/?status={status}")).decode().splitlines()
    assert lines[0] == "id,ticket_number,status,severity,title,due_date"
    assert [line.split(",")[1] for line in lines[1:]] == [ticket.ticket_number]
    assert Run.objects.get().counts == {"rows": 1}
    assert desk.get(f"{EXCHANGE}export/?status=CLOSED").status_code == 400


def test_a_file_can_be_processed(desk: Desk) -> None:
    answer = upload_by_page(desk, "ticket_number,status\nTKT-2026-000001,PENDING\n", to="process")
    assert re.fullmatch(r'attachment; filename="processed_\d{4}(-\d\d){5}\.csv"', answer.headers["Content-Disposition"])
    assert body(answer) == b"ticket_number,status\nTKT-2026-000001,CLOSED\n"


def test_the_errors_and_the_file_can_be_downloaded(desk: Desk) -> None:
    content = "id,status\nx,OPEN\n"
    address = dry_run(desk, content)
    page = desk.text(address)
    assert {f"{address}errors/", f"{address}file/"} <= set(links(page))
    assert body(desk.get(f"{address}file/")) == content.encode()
    heading, row = csv.reader(io.StringIO(body(desk.get(f"{address}errors/")).decode("utf-8-sig")))
    assert heading == ["error_row", "error_code", "error_message", "id", "status"]
    assert row[:2] == ["2", "unknown_ticket"]


# --- The ledger ------------------------------------------------------------------------------------------------------


def test_an_empty_ledger_says_what_will_be_there(desk: Desk) -> None:
    page = desk.text(EXCHANGE)
    assert "Nothing was exchanged yet." in page
    assert "It has never been done yet." in page
    assert "There is no run of this kind yet." in desk.text(f"{EXCHANGE}?kind=IMPORT")


def test_runs_can_be_narrowed_to_a_kind_and_paged(desk: Desk, boss: User) -> None:
    now = timezone.now()
    values: dict[str, Any] = {
        "state": "SUCCEEDED", "started_at": now, "finished_at": now, "heartbeat_at": now, "host": "x", "pid": 1,
        "counts": {"updated": 1, "skipped": 0, "errors": 0, "total": 1, "rows": 1, "exported": 1},
    }  # fmt: skip
    cycle = Run.objects.create(kind="CYCLE", **values)
    for kind in ("EXPORT", "PROCESS", "IMPORT"):
        Run.objects.create(kind=kind, cycle=cycle, file_name=f"part {kind}", **values)
    for n in range(3):
        Run.objects.create(kind="IMPORT", started_by=boss, file_name=f"by hand {n}", **values)
    Run.objects.create(kind="IMPORT", dry_run=True, started_by=boss, file_name="looked at", **values)
    page = desk.text(EXCHANGE)
    assert tabs(page) == {"ALL": 5, "CYCLE": 1, "IMPORT": 3, "PREVIEW": 1, "EXPORT": 0, "PROCESS": 0}
    assert "part" not in words(page.partition("<tbody>")[2].partition("</tbody>")[0])
    assert "The nightly exchange" in page
    assert desk.text(f"{EXCHANGE}?kind=IMPORT").count("by hand") == 2 * 3
    assert "part IMPORT" not in desk.text(f"{EXCHANGE}?kind=IMPORT")
    seen = [re.findall(r">(by hand \d)<", desk.text(f"{EXCHANGE}?kind=IMPORT&pageSize=1&page={n}")) for n in (1, 2, 3)]
    assert sorted(name for names in seen for name in names) == ["by hand 0", "by hand 1", "by hand 2"]
    assert "The list ends before this page." in desk.text(f"{EXCHANGE}?page=9")


def test_a_run_that_is_not_there_is_a_404(desk: Desk) -> None:
    for name in ("x", "00000000-0000-0000-0000-000000000000"):
        assert desk.get(f"{EXCHANGE}{name}/").status_code == 404
        assert desk.post(f"{EXCHANGE}{name}/apply/").status_code == 404


def test_parts_for_htmx_are_parts_of_the_page(desk: Desk) -> None:
    address = dry_run(desk, mixed()[1])
    for path, part in ((EXCHANGE, "runs"), (address, "rows"), (address, "run")):
        whole, answer = desk.text(path), desk.text(path, headers={"HX-Request": "true", "HX-Target": part})
        assert re.match(rf'\s*<(div|section) id="{part}"', answer)
        assert "<html" not in answer
        assert words(answer) in words(whole)


def test_everything_htmx_does_is_also_a_link(desk: Desk) -> None:
    address = dry_run(desk, mixed()[1])
    for page in (desk.text(f"{EXCHANGE}?pageSize=1"), desk.text(f"{address}?pageSize=2&page=2")):
        tags = [tag for tag in re.findall(r"<[^>]* hx-get=[^>]*>", page) if "inbox/count" not in tag]
        assert len(tags) > 5
        for tag in tags:
            assert re.findall(r' href="([^"]+)"', tag) == re.findall(r'hx-get="([^"]+)"', tag), tag


def test_the_ledger_takes_the_same_queries_for_1_and_50_runs(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 50):
        while Run.objects.count() < count:
            dry_run(desk, "id,status\nx,OPEN\n")
        with django_assert_num_queries(2 + 8):  # for session and person; and what the page shows
            page = desk.text(f"{EXCHANGE}?pageSize=200")
        assert page.count(">answer.csv<") == count


def test_a_dry_run_takes_the_same_queries_for_1_and_50_rows(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 50):
        address = dry_run(desk, "id,status\n" + "x,OPEN\n" * count)
        with django_assert_num_queries(2 + 8):
            page = desk.text(address)
        assert len(rows(page)) == count
