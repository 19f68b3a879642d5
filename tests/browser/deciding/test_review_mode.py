"""Review mode by hand: by keys alone, by touch on a phone, and as a held key or another manager would have it."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.visits import Visit
from tests.support import factories
from tickets import actions
from tickets.models import Lease, Question, SetAside, Ticket

MODE = "/desk/review/"
# Notes for each draft but the first how long it took from the last key to its being drawn.
STOPWATCH = """
window.waits = [];
let pressed = 0;
addEventListener("keydown", () => { pressed = performance.now(); }, true);
new MutationObserver((changes) => {
  if (changes.some((change) => [...change.addedNodes].some((node) => node.id === "draft")))
    requestAnimationFrame(() => setTimeout(() => window.waits.push(performance.now() - pressed)));
}).observe(document, { childList: true, subtree: true });
"""


@pytest.fixture
def boss() -> User:
    return factories.manager()


def drafts(count: int) -> list[Ticket]:
    author = factories.associate()
    return [factories.ticket(author=author, title=f"Draft {n}") for n in range(count)]


def ready(page: Page, title: str) -> None:
    """The draft stands there for long enough, and what comes behind it was asked for."""
    page.locator("#draft[data-ready][data-looked] h1", has_text=title).wait_for()


def statuses() -> Counter[str]:
    return Counter(Ticket.objects.values_list("status", flat=True))


def test_twenty_drafts_by_30_keys(visit: Visit, boss: User) -> None:
    drafts(20)
    page, presses, waits = visit(boss), 0, list[float]()
    page.add_init_script(STOPWATCH)
    page.goto("/desk/")

    def press(*keys: str) -> None:
        nonlocal presses
        for key in keys:
            page.keyboard.press(key)
            presses += 1

    page.wait_for_load_state()
    page.keyboard.press("g")
    press("r")  # a chord is one
    for n in range(20):
        ready(page, f"Draft {n}")
        if n < 12:
            press("a")
        elif n < 18:
            press("2" if n < 16 else "5")
            page.keyboard.type("So it is.")
            press("Control+Enter")
        elif n == 18:
            press("r")
            page.keyboard.type("Which one?")
            press("Control+Enter")
        else:
            waits = page.evaluate("window.waits")  # what is skipped last comes again at once, with the whole page
            press("s")
    page.locator(".notice", has_text="Skipped").wait_for()
    assert statuses() == {"PENDING": 16, "REVIEW": 2, "DRAFT": 2}
    assert (Question.objects.count(), SetAside.objects.count()) == (1, 1)
    assert presses <= 30, presses
    print(f"{presses} keys; from key to next draft {sorted(waits[1:])[9]:.0f} ms, {max(waits[1:]):.0f} ms at most")
    assert len(waits) == 1 + 19  # the first draft came with the page
    assert visit.complaints == []


def test_a_held_key_approves_one(visit: Visit, boss: User) -> None:
    drafts(4)
    page = visit(boss)
    page.goto(MODE)
    ready(page, "Draft 0")
    page.keyboard.down("a")
    ready(page, "Draft 1")
    for _ in range(10):
        page.keyboard.down("a")  # as the system repeats it
    assert statuses() == {"PENDING": 1, "DRAFT": 3}
    page.keyboard.up("a")
    page.keyboard.press("a")
    page.keyboard.press("a")  # this one has not stood there yet
    ready(page, "Draft 2")
    assert statuses() == {"PENDING": 2, "DRAFT": 2}


def test_who_comes_second_is_told_with_the_text(visit: Visit, boss: User) -> None:
    first, *_others = drafts(3)
    page = visit(boss)
    page.goto(MODE)
    ready(page, "Draft 0")
    actions.approve_ticket(factories.manager(), first.pk)
    page.keyboard.press("5")
    page.keyboard.type("My reason")
    page.keyboard.press("Control+Enter")
    ready(page, "Draft 1")
    lost = page.locator("#missed [role=alert]")
    expect(lost).to_contain_text(first.ticket_number)
    expect(lost).to_contain_text("My reason")
    page.keyboard.press("s")
    ready(page, "Draft 2")
    page.keyboard.press("u")
    ready(page, "Draft 1")
    page.keyboard.press("r")
    page.keyboard.type("x")
    page.locator("#draft h1").click()
    page.keyboard.press("a")
    expect(page.locator("#said")).to_contain_text("Something here is not sent yet.")
    page.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/desk/tickets/")
    assert not Lease.objects.exists()


def test_a_phone_by_touch(visit: Visit, boss: User) -> None:
    drafts(3)
    page = visit(boss, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page.goto(MODE)
    ready(page, "Draft 0")
    page.locator("#approve").tap()
    ready(page, "Draft 1")
    page.locator("#decision label", has_text="High").first.tap()
    page.get_by_label("Reason").fill("So it is.")
    page.locator("#approve").tap()
    ready(page, "Draft 2")
    assert statuses() == {"PENDING": 1, "REVIEW": 1, "DRAFT": 1}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
