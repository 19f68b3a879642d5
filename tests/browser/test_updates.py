"""Parts of a page that come or change by themselves: where the focus is, what is read out, and that nothing jumps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Page, Route, expect

from accounts.models import User
from tests.browser.visits import Visit, shifts
from tests.support import factories
from tickets import actions

LIST = "/desk/tickets/?pageSize=2"


@pytest.fixture
def page(visit: Visit) -> Page:
    for n in range(5):
        factories.ticket(
            "DRAFT" if n else "PENDING", title=f"Printer {n} in the cellar", severity="HIGH" if n == 3 else "LOW"
        )
    page = visit(factories.manager(), viewport={"width": 1280, "height": 800})
    page.goto(LIST)
    return page


def focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


def place(box: FloatRect | None) -> tuple[float, float, float] | None:
    """The place of something; its height may grow and does not count."""
    return box and (box["x"], box["y"], box["width"])


def places(page: Page) -> Any:
    """The places of the things that a change of the rows must not move."""
    names = ["#search", "#tab-ALL", "#tab-CLOSED", "th:nth-child(4)", "th:nth-child(8)"]
    return [page.locator(name).bounding_box() for name in names]


@pytest.mark.parametrize(
    ("clicked", "focus_after", "said"),
    [
        ("#tab-DRAFT", "tab-DRAFT", "4 tickets"),
        ("#page-next", "page-next", "5 tickets"),
        ("#page-last", "results", "5 tickets"),  # there is no such link on the last page
        ("a.chip", "results", "5 tickets"),
    ],
)
def test_the_focus_is_kept_and_the_count_read_out(page: Page, clicked: str, focus_after: str, said: str) -> None:
    if clicked == "a.chip":
        page.goto(f"{LIST}&severity=HIGH")
    before = places(page)
    with page.expect_response(re.compile("/desk/tickets/")):
        page.locator(clicked).focus()
        page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text(said)
    assert focus(page) == focus_after
    if clicked != "a.chip":  # that one takes its own line away
        assert places(page) == before


def test_a_search_keeps_the_focus_marks_its_hits_and_stands_in_the_address(page: Page) -> None:
    page.get_by_role("searchbox").press_sequentially("printer 3")
    expect(page.locator("tr[data-ticket]")).to_have_count(2)  # the one of this title, and that of this number
    expect(page.locator("tr[data-ticket] mark", has_text="Printer 3")).to_have_count(1)
    expect(page.locator("#said")).to_have_text("2 tickets")
    assert focus(page) == "search"
    expect(page).to_have_url(re.compile(r"[?&]q=printer(\+|%20)3"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("printer 3")
    page.locator("a.chip").click()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_back_and_forward_lead_through_the_pages(page: Page) -> None:
    first = page.locator("tr[data-ticket] .number").first.inner_text()
    page.locator("#page-next").click()
    expect(page.locator("tr[data-ticket] .number").first).not_to_have_text(first)
    expect(page).to_have_url(re.compile("page=2"))
    page.go_back()
    expect(page.locator("tr[data-ticket] .number").first).to_have_text(first)
    page.go_forward()
    expect(page.locator("tr[data-ticket] .number").first).not_to_have_text(first)


def test_the_rows_in_use_dim_while_others_are_on_their_way(page: Page) -> None:
    held: list[Route] = []
    page.route(re.compile("status=DRAFT"), lambda route: held.append(route))
    page.locator("#tab-DRAFT").click()
    expect(page.locator("#results")).to_have_css("opacity", "0.5")
    expect(page.locator("tr[data-ticket]")).to_have_count(2)
    held[0].continue_()
    expect(page.locator("#tab-DRAFT")).to_have_attribute("aria-current", "page")
    expect(page.locator("#results")).to_have_css("opacity", "1")


def test_what_comes_while_one_writes_moves_nothing_and_is_read_out(page: Page) -> None:
    page.goto("/desk/tickets/new/")
    before = {name: page.locator(name).bounding_box() for name in ("#suggestion", "#id_description", "#similar")}
    page.get_by_label("Title").press_sequentially("Printer in the cellar is on fire")
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    expect(page.locator("#similar li").first).to_be_visible()
    expect(page.locator("#said")).to_contain_text("Suggested severity")
    expect(page.locator("#said")).to_contain_text("Looks like the same problem")
    assert focus(page) == "id_title"
    for name, box in before.items():
        assert place(page.locator(name).bounding_box()) == place(box), name
    assert shifts(page) == []


def test_the_count_in_the_navigation_updates_by_itself(visit: Visit) -> None:
    author: User = factories.associate()
    page = visit(author)
    page.clock.install()
    page.goto("/desk/tickets/")
    expect(page.locator("#unread")).to_be_empty()
    actions.approve_ticket(factories.manager(), factories.ticket(author=author).pk)
    page.clock.fast_forward(61_000)
    expect(page.locator("#unread")).to_have_text("1 unread")
    expect(page.locator("#said")).to_have_text("1 unread in your inbox")
    assert visit.complaints == []


def test_a_wrong_form_puts_the_focus_where_the_fault_is(visit: Visit) -> None:
    page = visit(factories.associate())
    page.goto("/desk/tickets/new/")
    page.get_by_label("Title").fill("There is a title")
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.get_by_role("alert")).to_contain_text("Description: This field is required.")
    assert focus(page) == "id_description"
    expect(page.get_by_label("Description")).to_have_attribute("aria-describedby", re.compile("id_description_error"))
    page.get_by_role("link", name="Description: This field is required.").click()
    assert focus(page) in ("id_description", "BODY")
    assert page.url.endswith("#id_description")
