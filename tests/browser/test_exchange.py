"""A manager's day with the exchange, and two managers who start it at the same moment."""

from __future__ import annotations

import csv
import io
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import FilePayload, Page, expect
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from csvsync.models import Run
from tests.browser.visits import Visit, press
from tests.support import factories
from tests.support.csv_files import status_of
from tests.support.patience import PATIENCE
from tickets.models import Ticket

EXCHANGE = "/desk/exchange/"


def csv_payload(name: str, content: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="text/csv", buffer=content)


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("CSV file to import").set_input_files(csv_payload(name, content))
    page.get_by_role("button", name="Start a dry run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Dry run of {name}")


def downloaded(page: Page, link: str) -> list[list[str]]:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).click()
    return list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8-sig"))))


def test_a_managers_session_from_the_queue_to_a_mended_import(visit: Visit, live_server: Any) -> None:
    author, boss = factories.associate(), factories.manager(email="mia@example.com")
    drafts = [factories.ticket(author=author, title=f"Ação {n} não imprime") for n in range(1, 5)]
    closed = factories.ticket("CLOSED", author=author, title="Done long ago")
    page = visit(boss)

    # The queue, by keys: two at once from the list, the others on their pages.
    page.goto("/desk/tickets/?awaiting=me&sort=number")
    expect(page.locator("tr[data-ticket]")).to_have_count(4)
    press(page, "j x j x a")
    expect(page.locator(".outcomes li")).to_have_count(2)
    page.get_by_role("link", name="Back to the list").click()
    for left in (2, 1):
        expect(page.locator("tr[data-ticket]")).to_have_count(left)
        press(page, "j Enter")
        expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
        press(page, "a")
        expect(page.locator("#notices")).to_contain_text("Approved")
        page.goto("/desk/tickets/?awaiting=me&sort=number")
    expect(page.get_by_text("No ticket fits these filters.")).to_be_visible()
    assert {status_of(ticket) for ticket in drafts} == {"PENDING"}

    # The export, answered by somebody who makes mistakes.
    page.get_by_role("link", name="Exchange").click()
    heading, *exported = downloaded(page, "Approved")
    assert [row[1] for row in exported] == [ticket.ticket_number for ticket in drafts]
    status = heading.index("status")
    exported[0][status], exported[1][status], exported[2][status] = "CLOSED", "OPEN", "Aberto"
    exported[3].pop()
    exported.append([str(closed.pk), closed.ticket_number, "OPEN", "", "", ""])
    answer = io.StringIO()
    csv.writer(answer).writerows([heading, *exported])
    upload(page, "answer.csv", answer.getvalue().encode())

    # The dry run changes nothing, and can be looked through.
    expect(page.locator("#show-errors")).to_have_text("Not applied 3")
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    page.locator("#show-unknown_status").click()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.locator("#rows")).to_contain_text("“Aberto” cannot be imported.")
    page.locator("#show-updated").click()
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    assert {status_of(ticket) for ticket in drafts} == {"PENDING"}

    page.get_by_role("button", name="Apply 2 changes").click()
    expect(page.locator("#notices")).to_contain_text("Applied: 2 changed, 3 not applied.")
    assert [status_of(ticket) for ticket in drafts] == ["CLOSED", "OPEN", "PENDING", "PENDING"]

    # The errors, mended in a spreadsheet of Windows with semicolons, and sent again.
    heading, *errors = downloaded(page, "Download the errors")
    assert [row[1] for row in errors] == ["unknown_status", "unreadable_row", "illegal_move"]
    status = heading.index("status")
    mended = [[*row, *[""] * (len(heading) - len(row))] for row in errors[:2]]
    mended[0][status], mended[1][status] = "OPEN", "CLOSED"
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=";").writerows([heading, *mended])
    content = sheet.getvalue().encode("cp1252")
    assert "Ação".encode("cp1252") in content
    page.get_by_role("link", name="All runs").click()
    upload(page, "answer corrected.csv", content)
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Apply 2 changes").click()
    expect(page.locator("#notices")).to_contain_text("Applied: 2 changed. Nothing has changed since the dry run.")
    assert [status_of(ticket) for ticket in drafts] == ["CLOSED", "OPEN", "OPEN", "CLOSED"]
    assert status_of(closed) == "CLOSED"

    # All of it stands in the ledger.
    page.get_by_role("link", name="All runs").click()
    page.locator("#kind-IMPORT").click()
    expect(page.locator("#runs tbody tr")).to_have_count(2)
    expect(page.locator("#runs tbody tr").first).to_contain_text("answer corrected.csv")
    page.get_by_role("link", name="answer corrected.csv").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import of answer corrected.csv")
    assert visit.complaints == []


@pytest.fixture
def slow_system(httpserver: HTTPServer) -> threading.Event:
    """An external system that closes all tickets, once it is let."""
    let = threading.Event()

    def close_all(request: Request) -> Response:
        assert let.wait(PATIENCE)
        return Response(request.get_data().replace(b",PENDING,", b",CLOSED,"), content_type="text/csv")

    httpserver.expect_request("/").respond_with_handler(close_all)
    return let


def test_two_managers_who_start_the_cycle_at_once_end_with_the_same_run(
    visit: Visit, live_server: Any, httpserver: HTTPServer, slow_system: threading.Event
) -> None:
    ticket = factories.ticket("PENDING")
    managers = [factories.manager(name=name) for name in ("Ana Sousa", "Zoe Reed")]
    with override_settings(CSV_PROCESSOR=httpserver.url_for("/")):
        pages = [visit(manager) for manager in managers]
        for page in pages:
            page.goto(EXCHANGE)
        for page in pages:
            page.get_by_text("Run it now", exact=True).click()
            page.get_by_role("button", name=re.compile("^Send .* now$")).click(no_wait_after=True)
        for page in pages:
            expect(page.locator("#run, .deals [role=alert]")).to_be_visible()

        [first] = [page for page in pages if page.locator("#run").count()]
        [second] = [page for page in pages if page != first]
        winner = managers[pages.index(first)]
        address = first.url
        expect(first.get_by_text("It goes on by itself")).to_be_visible()
        expect(first.locator(".steps li").nth(1)).to_contain_text("Running")
        expect(second.get_by_role("alert")).to_contain_text(f"{winner.name} has started an exchange")
        first.context.close()  # whoever has started it goes away

        second.get_by_role("link", name="See how far it is").click()
        expect(second.locator(".steps li").nth(1)).to_contain_text("Running")
        assert second.url == address
        slow_system.set()
        expect(second.locator(".meta")).to_contain_text("Done")  # without a reload
        expect(second.locator(".figures")).to_contain_text("1")

    back = visit(winner)
    back.goto(EXCHANGE)
    back.locator("#runs").get_by_role("link", name="Exchange started by hand").click()
    expect(back.locator(".meta")).to_contain_text(f"by {winner.name}")
    assert back.url == address
    assert Run.objects.cycles().count() == 1
    assert status_of(ticket) == "CLOSED"
    assert [text for text in visit.complaints if "409" not in text] == []
    assert Ticket.objects.count() == 1


def test_without_javascript_the_exchange_works_alike(visit: Visit, live_server: Any) -> None:
    boss, tickets = factories.manager(), [factories.ticket("PENDING") for _ in range(3)]
    page = visit(boss, java_script_enabled=False)
    page.goto(EXCHANGE)
    content = "".join(["id,status\n", *(f"{ticket.pk},OPEN\n" for ticket in tickets), "x,OPEN\n"]).encode()
    upload(page, "answer.csv", content)
    page.locator("#show-all").click()
    expect(page.locator("#rows tbody tr")).to_have_count(4)
    page.get_by_role("button", name="Apply 3 changes").click()
    expect(page.locator("#notices")).to_contain_text("Applied: 3 changed, 1 not applied.")
    page.get_by_role("link", name="All runs").click()
    page.get_by_text("Run it now", exact=True).click()
    page.get_by_role("button", name="Run it all the same").click()
    while page.get_by_role("link", name="Look again").count():
        page.get_by_role("link", name="Look again").click()
    expect(page.locator(".meta")).to_contain_text("Done")
    expect(page.get_by_text("No approved ticket was waiting")).to_be_visible()
    assert visit.complaints == []
