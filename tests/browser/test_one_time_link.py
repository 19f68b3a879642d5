"""A person and their one-time link in one step, within the strict policy for scripts."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visits import Visit
from tests.support import factories


def test_the_link_of_a_new_person_is_copied_by_a_button(visit: Visit) -> None:
    page = visit(factories.manager(is_staff=True))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/admin/accounts/user/add/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.get_by_label("E-mail").fill("new@example.com")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copy the link ✓")).to_be_disabled()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "/desk/password/" in link
    assert link in page.locator(".messagelist").inner_text()
    assert visit.complaints == []
