"""No typed word is lost and no ticket made twice, whatever happens to page, browser, session or network."""

from __future__ import annotations

import http.client
import os
import re
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, Route, expect

from accounts.models import User
from tests.browser.visits import ARGUMENTS, Visit, chromium, sign_in
from tests.support import factories
from tests.support.patience import wait_until
from tests.support.processes import has_ended
from tickets import actions
from tickets.models import Ticket

NEW = "/desk/tickets/new/"
TITLE, TEXT = "A title that nobody wants to type twice", "First line\n\nThird line, with <marks> & “quotes”"


@pytest.fixture
def author() -> User:
    return factories.associate(password=factories.PASSWORD)


def write(page: Page) -> None:
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Description").fill(TEXT)
    page.get_by_role("radio", name="Very high").check()
    page.get_by_label("Due").fill("2031-02-03T04:05")


def expect_written(page: Page) -> None:
    expect(page.get_by_label("Title")).to_have_value(TITLE)
    expect(page.get_by_label("Description")).to_have_value(TEXT)
    expect(page.get_by_role("radio", name="Very high")).to_be_checked()
    expect(page.get_by_label("Due")).to_have_value("2031-02-03T04:05")


def raise_it(page: Page) -> None:
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.locator("#notices")).to_contain_text("Raised as TKT-")


def test_a_draft_survives_a_reload_and_goes_once_it_is_sent(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)
    page.reload()
    expect(page.get_by_text("What you typed before is back.")).to_be_visible()
    expect_written(page)
    raise_it(page)
    page.goto(NEW)
    expect(page.get_by_label("Title")).to_have_value("")
    expect(page.get_by_text("What you typed before is back.")).to_be_hidden()


def test_a_draft_can_be_thrown_away(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)
    page.goto("/desk/tickets/")
    page.goto(NEW)
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_label("Title")).to_have_value("")
    expect(page.get_by_label("Title")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("")


def test_a_draft_is_nobody_elses(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)
    sign_in(page.context, factories.associate(), visit.address)
    page.goto(NEW)
    expect(page.get_by_label("Title")).to_have_value("")


@contextmanager
def killable_browser(playwright: Playwright, folder: Path) -> Iterator[tuple[int, BrowserContext]]:
    """A browser of its own, which keeps what it stores in `folder`, and the id of its process."""
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium(without_windows=False), args=ARGUMENTS
    )
    try:
        yield process_of(folder), context
    finally:
        with suppress(Error):  # one that was killed cannot be closed
            context.close()


def process_of(folder: Path) -> int:
    """The browser that works in this folder; those that it has started carry a --type."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            arguments = (process / "cmdline").read_bytes().decode().split("\0")
            if f"--user-data-dir={folder}" in arguments and not any(text.startswith("--type=") for text in arguments):
                return int(process.name)
    raise ProcessLookupError(folder)


def stored(folder: Path, text: str) -> bool:
    """Whether the browser has written this to the disk."""
    files = (folder / "Default" / "Local Storage" / "leveldb").glob("*.log")
    return any(text.encode(encoding) in file.read_bytes() for file in files for encoding in ("latin-1", "utf-16-le"))


def test_a_draft_survives_a_crashed_browser(visit: Visit, playwright: Playwright, author: User, tmp_path: Path) -> None:
    with killable_browser(playwright, tmp_path) as (pid, context):
        sign_in(context, author, visit.address)
        page = context.new_page()
        page.goto(visit.address + NEW)
        write(page)
        wait_until(lambda: stored(tmp_path, "2031-02-03T04:05"))
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: has_ended(pid))
    with killable_browser(playwright, tmp_path) as (_pid, context):
        sign_in(context, author, visit.address)
        page = context.new_page()
        page.goto(visit.address + NEW)
        expect_written(page)


def test_a_form_sent_twice_makes_one_ticket(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)
    page.get_by_role("button", name="Raise ticket").dblclick()
    expect(page.locator("#notices")).to_contain_text("Raised as TKT-")
    ticket = Ticket.objects.get()
    page.go_back()
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ticket.title)
    assert Ticket.objects.count() == 1


def test_an_answer_that_never_came_makes_no_second_ticket(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)

    def lose(route: Route) -> None:
        """The server gets it, and the browser never hears of it."""
        with closing(http.client.HTTPConnection(urlsplit(visit.address).netloc)) as connection:
            connection.request("POST", NEW, route.request.post_data_buffer, route.request.all_headers())
            assert connection.getresponse().status == 302
        route.abort("connectionreset")

    page.route(f"**{NEW}", lose)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Raise ticket").click()
    assert Ticket.objects.count() == 1
    page.unroute(f"**{NEW}")
    page.goto(NEW)
    expect_written(page)
    raise_it(page)
    assert Ticket.objects.count() == 1


def test_a_form_is_not_sent_into_nowhere(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.locator("#said")).to_contain_text("No connection. Nothing was sent")
    expect_written(page)
    page.context.set_offline(False)
    raise_it(page)
    assert Ticket.objects.count() == 1


def test_an_expired_session_returns_to_the_same_form_with_its_text(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.get_by_text("You were signed out. Sign in, and what you typed is there again.")).to_be_visible()
    page.get_by_label("E-mail").fill(author.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New ticket")
    expect_written(page)
    raise_it(page)
    page.goto(NEW)
    expect(page.get_by_label("Title")).to_have_value("")


def test_a_reason_outlives_the_session_too(visit: Visit) -> None:
    boss, draft = factories.manager(password=factories.PASSWORD), factories.ticket()
    page = visit(boss)
    page.goto(f"/desk/tickets/{draft.ticket_number}/")
    page.get_by_role("radio", name=re.compile("^High")).check()
    page.get_by_label("Reason").fill("Half an hour of thought.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Send back as High").click()
    page.get_by_label("E-mail").fill(boss.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(draft.title)
    expect(page.get_by_label("Reason")).to_have_value("Half an hour of thought.")
    expect(page.get_by_role("radio", name=re.compile("^High"))).to_be_checked()
    page.get_by_role("button", name="Send back as High").click()
    expect(page.locator("#notices")).to_contain_text("Sent back to the author")


def test_a_form_of_an_earlier_sign_in_is_sent_again_once(visit: Visit, author: User) -> None:
    page = visit(author)
    page.goto(NEW)
    write(page)
    page.locator("#new-ticket [name=csrfmiddlewaretoken]").evaluate("field => { field.value = 'x'.repeat(64) }")
    page.get_by_role("button", name="Raise ticket").click()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#notices")).to_contain_text("Raised as TKT-")
    assert Ticket.objects.get().description == TEXT
    page.goto(NEW)
    expect(page.get_by_label("Title")).to_have_value("")


def test_a_stale_form_shows_what_clashes_and_takes_over_the_rest(visit: Visit, author: User) -> None:
    boss = factories.manager()
    ticket = factories.ticket("REVIEW", author=author, title="Scanner is slow", description="It takes a minute.")
    page = visit(author)
    page.goto(f"/desk/tickets/{ticket.ticket_number}/edit/")
    page.get_by_label("Description").fill("It takes two minutes.")
    actions.edit_ticket(boss, ticket.pk, title="Scanner 3 is slow", description="It takes an hour.")
    actions.change_severity(factories.manager(), ticket.pk, severity="VERY_HIGH", reason="More.")
    page.get_by_role("button", name="Send for review again").click()

    expect(page.get_by_role("alert")).to_contain_text("Somebody else has changed the same text meanwhile.")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator(".sides .compare").first).to_have_text("It takes two minutes.")
    expect(page.locator(".sides .compare").last.locator("del").first).to_have_text("an hour")
    expect(page.get_by_label("Title")).to_have_value("Scanner 3 is slow")
    expect(page.get_by_label("Description")).to_have_value("It takes two minutes.")
    page.get_by_role("button", name="Send for review again").click()
    expect(page.locator("#notices")).to_contain_text("Sent for review again.")
    ticket.refresh_from_db()
    assert (ticket.title, ticket.description, ticket.status) == ("Scanner 3 is slow", "It takes two minutes.", "DRAFT")
