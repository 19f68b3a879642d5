"""On a phone what one presses is 44 px high, and no field makes the browser zoom. The desk works in forced colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage
from tests.browser.visits import Visit

# What can be pressed and is lower than 44 px where a finger meets it. Links within sentences are as high as their line.
TOO_SMALL = """(root) => {
  const hit = (element, x, y) => {
    const top = document.elementFromPoint(x, y);
    return top && (element.contains(top) || element.closest("label")?.contains(top));
  };
  const isLow = (element) => {
    element.scrollIntoView({ block: "center" });
    const { left, width, top, height } = (element.closest("label") ?? element).getBoundingClientRect();
    if (height >= 43.5) return false;
    const x = left + Math.min(width / 2, 40), y = top + height / 2;
    let above = 0, below = 0;
    while (above < 44 && hit(element, x, y - above)) above += 1;
    while (below < 44 && hit(element, x, y + below)) below += 1;
    return above + below < 44;
  };
  return [...root.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => element.getBoundingClientRect().width > 1)
    .filter((element) => getComputedStyle(element).pointerEvents !== "none")
    .filter((element) => !element.closest(".text, .timeline, .hidden-text, .skip, .summary"))
    .filter((element) => !element.closest("p:not(.after, .more, .buttons)"))
    .filter(isLow).map((element) => element.outerHTML.slice(0, 120));
}"""
SMALL_LETTERS = """() => [...document.querySelectorAll("input, select, textarea")]
  .filter((field) => !["checkbox", "radio", "hidden"].includes(field.type))
  .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16).map((field) => field.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("manager", "/desk/"),
        ("manager", "/desk/tickets/?severity=VERY_HIGH"),
        ("manager", "/desk/tickets/?pageSize=12"),
        ("manager", "/desk/tickets/views/"),
        ("manager", "draft"),
        ("author", "sent_back"),
        ("author", "/desk/tickets/new/"),
        ("author", "/desk/inbox/"),
        ("manager", "/desk/exchange/"),
        ("author", "/desk/preferences/"),
        (None, "/desk/login/"),
    ],
)
def test_a_finger_meets_what_it_presses(role: str | None, path: str, visit: Visit, stage: Stage) -> None:
    page = visit(
        getattr(stage, role) if role else None, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page.goto(path if path.startswith("/") else f"/desk/tickets/{getattr(stage, path).ticket_number}/")
    assert page.locator("body").evaluate(TOO_SMALL) == []
    for popup in page.locator("details[data-popup]").all():
        popup.evaluate("popup => { popup.open = true }")
        assert popup.evaluate(TOO_SMALL) == []
        popup.evaluate("popup => { popup.open = false }")
    assert page.evaluate(SMALL_LETTERS) == []


def test_in_forced_colours_nothing_is_said_by_colour_alone(visit: Visit, stage: Stage) -> None:
    page = visit(stage.manager, forced_colors="active")
    page.goto(f"/desk/tickets/{stage.draft.ticket_number}/")
    assert page.evaluate("getComputedStyle(document.querySelector('.bar [aria-current]')).outlineStyle") == "solid"
    page.get_by_role("radio", name="Medium").check()
    page.get_by_role("button", name="Approve as Medium").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.getElementById('reason')).borderStyle") == "double"
    page.goto("/desk/inbox/")
    assert page.locator("li.unread").first.evaluate("item => getComputedStyle(item).borderInlineStartWidth") == "4px"
    page.goto("/desk/tickets/?q=laptop")
    marked = page.locator("mark").first.evaluate("mark => getComputedStyle(mark).backgroundColor")
    assert marked != page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_what_one_does_with_the_selected_lies_over_as_few_rows_as_it_can(visit: Visit, stage: Stage) -> None:
    page = visit(stage.manager, viewport={"width": 360, "height": 740})
    page.goto("/desk/tickets/?pageSize=12")
    acts, pages = page.get_by_role("button", name="Approve selected"), page.get_by_role("navigation", name="Pages")
    expect(acts).to_be_hidden()
    expect(pages).to_be_visible()
    page.locator("tr[data-ticket] input[type=checkbox]").first.check()
    expect(acts).to_be_visible()
    expect(pages).to_be_hidden()


def test_on_a_tablet_the_navigation_is_one_line(visit: Visit, stage: Stage) -> None:
    page = visit(stage.manager, viewport={"width": 768, "height": 1024})
    page.goto("/desk/preferences/")
    tops = {page.get_by_role("link", name=name).bounding_box()["y"] for name in ("Home", "Triage", "Preferences")}  # type: ignore[index]  # they are shown
    assert len(tops) == 1
