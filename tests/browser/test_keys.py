"""Hands on the keyboard: everything that has a key, and that no key gets in the way of typing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.visits import Visit, press
from tests.support import factories
from tickets.models import Ticket

LIST = "/desk/tickets/"


@pytest.fixture
def boss() -> User:
    return factories.manager()


@pytest.fixture
def tickets() -> list[Ticket]:
    """The newest first, as the list has them."""
    return [factories.ticket(title=f"Problem {n}") for n in range(4)][::-1]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_a_list_is_worked_through_by_keys(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(LIST)
    press(page, "j j j k")
    assert focused(page) == tickets[1].title
    expect(page.locator("tr.cursor")).to_contain_text(tickets[1].ticket_number)
    assert page.evaluate("getComputedStyle(document.querySelector('tr.cursor')).outlineStyle") == "solid"
    press(page, "k k k")
    assert focused(page) == tickets[0].title
    press(page, "x j j x x j x")
    expect(page.locator("tr[data-ticket] :checked")).to_have_count(2)
    press(page, "a")
    expect(page.locator(".outcomes li")).to_have_count(2)
    assert [Ticket.objects.get(pk=ticket.pk).status for ticket in tickets] == ["PENDING", "DRAFT", "DRAFT", "PENDING"]


def test_approve_without_a_selection_says_what_to_do(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(LIST)
    press(page, "j a")
    expect(page.locator("#said")).to_have_text("Select tickets first: j and k move, x selects.")
    assert set(Ticket.objects.values_list("status", flat=True)) == {"DRAFT"}


def test_a_ticket_is_opened_approved_and_left_by_keys(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(f"{LIST}?sort=number")
    press(page, "j j Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Problem 1")
    press(page, "j")
    expect(page.get_by_role("heading", level=1)).to_have_text("Problem 2")
    press(page, "k")
    expect(page.get_by_role("heading", level=1)).to_have_text("Problem 1")
    press(page, "a")
    expect(page.locator("#notices")).to_contain_text("Approved.")
    tickets[2].refresh_from_db()
    assert tickets[2].status == "PENDING"


def test_edit_and_send_by_keys(visit: Visit) -> None:
    author = factories.associate()
    ticket = factories.ticket("REVIEW", author=author)
    page = visit(author)
    page.goto(f"/desk/tickets/{ticket.ticket_number}/")
    press(page, "e")
    page.get_by_label("Description").fill("More of it.")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Sent for review again.")


def test_ways_through_the_desk(visit: Visit, boss: User) -> None:
    page = visit(boss)
    page.goto("/desk/inbox/")
    press(page, "g t")
    expect(page).to_have_url(re.compile(f"{LIST}$"))
    press(page, "g h")
    expect(page).to_have_url(re.compile("/desk/$"))
    press(page, "g i")
    expect(page).to_have_url(re.compile("/desk/inbox/$"))
    press(page, "c")
    expect(page).to_have_url(re.compile("/desk/tickets/new/$"))
    expect(page.get_by_label("Title")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    press(page, "/")
    expect(page).to_have_url(re.compile(f"{LIST}#search$"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    press(page, "/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_the_list_of_keys_opens_closes_and_gives_the_focus_back(
    visit: Visit, boss: User, tickets: list[Ticket]
) -> None:
    page = visit(boss)
    page.goto(LIST)
    press(page, "j ?")
    expect(page.get_by_role("dialog")).to_be_visible()
    for key in ("/", "j", "k", "Enter", "x", "a", "e", "c", "g", "h", "t", "?"):
        expect(
            page.get_by_role("dialog").locator("kbd", has_text=re.compile(f"^{re.escape(key)}$")).first
        ).to_be_visible()
    press(page, "j c")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused(page) == tickets[0].title
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("heading", name="Keys").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.mouse.click(5, 5)  # beside it
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_browser_complains_of_nothing_on_the_way_from_the_keys_to_a_search(
    visit: Visit, boss: User, tickets: list[Ticket]
) -> None:
    factories.ticket(title="Something else")
    page = visit(boss)
    page.goto(LIST)
    press(page, "? Escape j j x /")
    page.keyboard.type("something")
    expect(page.locator("tr[data-ticket]")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator("#results.htmx-settling, #results.htmx-request")).to_have_count(0)
    assert visit.complaints == []


def test_keys_are_letters_where_somebody_types(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(f"/desk/tickets/{tickets[0].ticket_number}/")
    page.get_by_label("Reason").press_sequentially("a/e?c gh gt jkx")
    expect(page.get_by_label("Reason")).to_have_value("a/e?c gh gt jkx")
    tickets[0].refresh_from_db()
    assert tickets[0].status == "DRAFT"
    page.goto(LIST)
    press(page, "Control+a Alt+c")
    expect(page).to_have_url(re.compile(f"{LIST}$"))


def test_single_keys_can_be_switched_off(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(LIST)
    press(page, "?")
    page.get_by_label("Use single keys in this browser").uncheck()
    press(page, "Escape j c")
    page.reload()
    press(page, "j c")
    expect(page).to_have_url(re.compile(f"{LIST}$"))
    expect(page.locator("tr.cursor")).to_have_count(0)
    press(page, "?")
    page.get_by_label("Use single keys in this browser").check()
    press(page, "Escape j")
    expect(page.locator("tr.cursor")).to_have_count(1)
