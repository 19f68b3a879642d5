"""Saved views in a real browser: made, found in the navigation that follows the list, shared, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import Visit
from tests.support import factories
from tickets.models import SavedView

HERE = ".views [aria-current=page]"


def save(page: Page, name: str, *, share: bool = False) -> None:
    page.get_by_text("Save view").click()
    page.get_by_label("Name").fill(name)
    if share:
        page.get_by_label("Share it with everybody").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notices")).to_contain_text(f"Saved as “{name}”.")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_view_is_made_shared_and_deleted(scripts: bool, visit: Visit, live_server: Any) -> None:
    boss, author = factories.manager(), factories.associate()
    for severity in ("LOW", "HIGH", "HIGH"):
        factories.ticket(author=author, severity=severity)
    page = visit(boss, java_script_enabled=scripts)
    page.goto("/desk/tickets/?severity=HIGH")
    save(page, "Severe ones", share=True)
    expect(page.locator(HERE)).to_have_text("Severe ones")

    other = visit(author, java_script_enabled=scripts)
    other.goto("/desk/inbox/")
    other.get_by_role("link", name="Severe ones").click()
    expect(other.locator("tr[data-ticket]")).to_have_count(2)
    expect(other.locator(HERE)).to_have_text("Severe ones")

    # The mark follows the list, also where only a part of the page is fetched.
    other.locator(".chip", has_text="severity High").click()
    expect(other.locator("tr[data-ticket]")).to_have_count(3)
    expect(other.locator(HERE)).to_have_count(0)
    other.go_back()
    expect(other.locator(HERE)).to_have_text("Severe ones")

    page.get_by_role("link", name="Saved views", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#notices")).to_contain_text("Deleted “Severe ones”.")
    page.get_by_role("link", name="See what it showed").click()
    expect(page.locator("tr[data-ticket]")).to_have_count(2)
    assert not SavedView.objects.exists()
    assert visit.complaints == []
