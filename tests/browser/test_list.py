"""The list at hand: the search by keys, popups, and coming back to where one was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.visits import Visit, press
from tests.support import factories
from tickets.models import Ticket

LIST = "/desk/tickets/"
NAMES = "ant bee cat cow dog eel fox gnu hen owl pig yak".split()


@pytest.fixture
def boss() -> User:
    return factories.manager()


@pytest.fixture
def tickets() -> list[Ticket]:
    """The newest first, as the list has them."""
    return [factories.ticket(title=f"Problem {name}") for name in NAMES][::-1]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_escape_leaves_the_search_with_its_words(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(LIST)
    press(page, "/")
    page.keyboard.type("problem cow")
    press(page, "Escape")
    expect(page.get_by_role("searchbox")).to_have_value("problem cow")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    expect(page.locator("tr[data-ticket]")).to_have_count(1)


def test_arrows_lead_from_the_search_through_its_hits_and_back(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(LIST)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "q=problem" in request.url else None)
    press(page, "/")
    page.keyboard.insert_text("problem ow")
    expect(page.locator("tr[data-ticket]")).to_have_count(2)
    press(page, "ArrowDown")
    assert focused(page) == "Problem owl"
    press(page, "ArrowDown")
    assert focused(page) == "Problem cow"
    press(page, "ArrowUp ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    press(page, "ArrowDown ArrowDown Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Problem cow")
    assert len(asked) == 1, "leaving the search asks nothing new, which would swap the hits that one goes through"


# As somebody does who presses the key just as the hits come in: htmx settles new rows some milliseconds after that.
ARROW_WHEN_HITS_COME = """
document.addEventListener("htmx:afterSwap", () => {
  const arrow = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
  document.getElementById("search").dispatchEvent(arrow);
}, { once: true });
document.addEventListener("htmx:afterSettle", () => { document.body.dataset.settled = ""; }, { once: true });
"""


def test_the_arrows_keep_their_place_while_new_rows_settle(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(LIST)
    press(page, "/")
    page.evaluate(ARROW_WHEN_HITS_COME)
    page.keyboard.insert_text("problem ow")
    expect(page.locator("body[data-settled]")).to_be_attached()
    assert focused(page) == "Problem owl"
    press(page, "ArrowDown")
    assert focused(page) == "Problem cow"


def test_arrow_down_before_the_hits_are_there_enters_them(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss)
    page.goto(LIST)
    press(page, "/")
    page.keyboard.type("problem gnu")
    press(page, "ArrowDown")
    expect(page.locator("tr[data-ticket]")).to_have_count(1)
    expect(page.get_by_role("link", name="Problem gnu", exact=True)).to_be_focused()


@pytest.mark.parametrize("name", ["Filters", "Save view"])
def test_popups_close_on_escape_and_by_a_click_elsewhere(
    name: str, visit: Visit, boss: User, tickets: list[Ticket]
) -> None:
    page = visit(boss)
    page.goto(f"{LIST}?severity=MEDIUM")
    popup = page.locator("details", has=page.get_by_text(name, exact=True))
    summary = page.locator("summary", has_text=name)
    summary.click()
    expect(popup).to_have_attribute("open", "")
    popup.locator("label").last.click()
    expect(popup).to_have_attribute("open", "")
    press(page, "Escape")
    expect(popup).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    summary.click()
    page.get_by_role("heading", level=1).click()
    expect(popup).not_to_have_attribute("open", "")


def test_back_to_the_list_returns_to_page_row_selection_and_scroll(
    visit: Visit, boss: User, tickets: list[Ticket]
) -> None:
    page = visit(boss, viewport={"width": 1440, "height": 300})
    page.goto(f"{LIST}?pageSize=6&page=2")
    for name in ("eel", "cow"):
        number = next(ticket.ticket_number for ticket in tickets if name in ticket.title)
        page.get_by_label(f"Select {number}").check()
    page.get_by_role("link", name="Problem cat", exact=True).scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    assert top > 0
    page.get_by_role("link", name="Problem cat", exact=True).click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(re.compile(r"pageSize=6&page=2#TKT-"))
    expect(page.get_by_role("link", name="Problem cat", exact=True)).to_be_focused()
    expect(page.locator("tr.cursor")).to_contain_text("Problem cat")
    expect(page.locator("tr[data-ticket] :checked")).to_have_count(2)
    assert page.evaluate("scrollY") == pytest.approx(top, abs=60)
    # What was read on goes back to where that is.
    page.get_by_role("link", name="Problem eel", exact=True).click()
    page.get_by_role("link", name="Previous").click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("link", name="Problem fox", exact=True)).to_be_focused()
    assert "page=" not in page.url


def test_without_javascript_the_way_back_leads_to_page_and_row(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    page = visit(boss, java_script_enabled=False)
    page.goto(f"{LIST}?pageSize=6&page=2")
    page.get_by_role("link", name="Problem cat", exact=True).click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("tr:target")).to_contain_text("Problem cat")


def test_what_is_sent_shows_so(visit: Visit, tickets: list[Ticket]) -> None:
    page = visit(factories.associate())
    page.goto("/desk/tickets/new/")
    page.get_by_label("Title").fill("Slow")
    page.get_by_label("Description").fill("It takes long.")
    # The answer does not come: the page, which has heard of it, is kept from leaving.
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.get_by_role("button", name="Raise ticket")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#said")).to_contain_text("Sending…")
    press(page, "Escape")  # whoever stops it is not told any longer that it is under way
    expect(page.get_by_role("button", name="Raise ticket")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#said")).not_to_contain_text("Sending…")


@pytest.mark.parametrize("with_script", [True, False])
def test_the_first_wrong_field_has_the_focus(with_script: bool, visit: Visit) -> None:
    page = visit(java_script_enabled=with_script)
    page.goto("/desk/login/")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("E-mail").fill("somebody@example.com")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is wrong.")
    expect(page.get_by_label("E-mail")).to_be_focused()


def test_an_author_is_chosen_by_typing_a_name(visit: Visit, boss: User, tickets: list[Ticket]) -> None:
    ana, anabel = factories.associate(name="Ana Sousa"), factories.associate(name="Anabel Reed")
    for person in (ana, anabel):
        factories.ticket(author=person, title=f"By {person.name}")
    page = visit(boss)
    page.goto(f"{LIST}?severity=MEDIUM")
    page.get_by_text("Filters", exact=True).click()
    field = page.locator("#author")
    field.fill("ana")
    field.press("Enter")
    expect(page.get_by_role("heading", name="Which author do you mean?")).to_be_visible()
    page.locator(".asking").get_by_role("link", name="Anabel Reed").click()
    expect(page.locator("tr[data-ticket]")).to_have_count(1)
    expect(page.locator(".chips")).to_contain_text("raised by Anabel Reed")
    expect(page).to_have_url(re.compile(f"severity=MEDIUM&createdBy={anabel.pk}$"))
    expect(field).to_have_value("")
    # Another one in place of the first, and then oneself by the box.
    page.get_by_text("Filters", exact=True).click()
    field.fill("ana sousa")
    field.press("Enter")
    expect(page.locator(".chips")).to_contain_text("raised by Ana Sousa")
    expect(field).to_have_value("")
    expect(page).to_have_url(re.compile(f"createdBy={ana.pk}$"))
    expect(page.get_by_role("link", name="By Ana Sousa", exact=True)).to_be_visible()
    page.get_by_label("Raised by me").check()
    expect(page.locator(".chips")).to_contain_text("raised by me")
    expect(page).to_have_url(re.compile("createdBy=me"))
    page.get_by_role("searchbox").fill("nothing")
    expect(page.get_by_text("No ticket fits these filters.")).to_be_visible()
    expect(page).to_have_url(re.compile("createdBy=me"))
    assert visit.complaints == []
