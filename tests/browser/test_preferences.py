"""Preferences: the time zone of the device is offered where it is not the person's."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visits import Visit
from tests.support import factories


def test_the_time_zone_of_the_device_can_be_taken(visit: Visit) -> None:
    user = factories.associate()
    page = visit(user, timezone_id="America/Sao_Paulo")
    page.goto("/desk/preferences/")
    page.get_by_role("button", name="Use America/Sao Paulo, as this device").click()
    expect(page.get_by_label("Time zone")).to_have_value("America/Sao_Paulo")
    expect(page.get_by_label("Time zone")).to_be_focused()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notices")).not_to_be_empty()
    user.refresh_from_db()
    assert user.time_zone == "America/Sao_Paulo"
    page.goto("/desk/preferences/")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="as this device")).to_have_count(0)
    assert visit.complaints == []


def test_without_javascript_no_time_zone_is_offered(visit: Visit) -> None:
    page = visit(factories.associate(), timezone_id="America/Sao_Paulo", java_script_enabled=False)
    page.goto("/desk/preferences/")
    expect(page.get_by_label("Time zone")).to_be_visible()
    expect(page.get_by_role("button", name="as this device")).to_have_count(0)
