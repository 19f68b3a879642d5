"""The whole of both days with JavaScript switched off; only keys, live suggestion and live count are left out."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.visits import Visit
from tests.support import factories
from tickets.models import Ticket


def plain(visit: Visit, role: str) -> tuple[Page, str]:
    """A browser without JavaScript that has signed in as a new person, and their e-mail."""
    user = factories.person(role, password=factories.PASSWORD)
    page = visit(java_script_enabled=False)
    page.goto("/desk/tickets/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/desk/tickets/$"))
    return page, user.email


def test_an_associates_day(visit: Visit) -> None:
    other = factories.ticket(title="Nobody can sign in since 9")
    page, email = plain(visit, "ASSOCIATE")
    expect(page.get_by_role("button", name="Keys")).to_have_count(0)
    page.get_by_role("link", name="New ticket").click()
    page.get_by_label("Title").fill("Nobody can sign in")
    page.get_by_label("Description").fill("The whole office\nis locked out.")
    page.get_by_role("button", name="Look for similar tickets first").click()
    expect(page.locator("#similar")).to_contain_text(other.ticket_number)
    expect(page.get_by_label("Description")).to_have_value("The whole office\nis locked out.")
    page.get_by_role("radio", name="Very high").check()
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.locator("#notices")).to_contain_text("Raised as")
    ticket = Ticket.objects.get(created_by__email=email)
    assert (ticket.severity, ticket.description) == ("VERY_HIGH", "The whole office\nis locked out.")

    factories.advance(factories.ticket(author=ticket.created_by, title="Sent back"), "REVIEW")
    page.locator("#go-inbox").click()
    page.locator(".inbox").get_by_role("link", name="Sent back").click()
    page.get_by_role("link", name="Edit and resubmit").click()
    page.get_by_label("Title").fill("")
    page.get_by_role("button", name="Send for review again").click()
    expect(page.get_by_role("alert")).to_contain_text("Title: This field is required.")
    page.get_by_label("Title").fill("Said better")
    page.get_by_role("button", name="Send for review again").click()
    expect(page.locator("#notices")).to_contain_text("Sent for review again.")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notices")).to_contain_text("Restored")
    for title in ("One more", "And another"):
        factories.advance(factories.ticket(author=ticket.created_by, title=title), "PENDING")
    page.locator("#go-inbox").click()
    expect(page.locator("li.unread")).to_have_count(2)  # what was opened is read
    page.get_by_role("button", name="Mark as read").first.click()
    expect(page.locator("li.unread")).to_have_count(1)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("li.unread")).to_have_count(0)
    page.get_by_role("link", name="Preferences").click()
    page.get_by_label("Theme").select_option("Light")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notices")).to_have_text("Saved.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_managers_day(visit: Visit) -> None:
    tickets = [factories.ticket(title=f"Problem {n}", severity="LOW") for n in range(4)]
    factories.ticket(title="Something else", severity="HIGH")
    page, _email = plain(visit, "MANAGER")
    page.get_by_role("searchbox").fill("problem")
    page.get_by_text("Filters", exact=True).click()
    page.locator("#severity").select_option("Low")
    page.get_by_label("Awaiting my review").check()
    page.get_by_label("Sort").select_option("Oldest first")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tr[data-ticket]")).to_have_count(4)
    page.get_by_role("link", name="Waiting for review").click()
    page.get_by_role("link", name="Take away: severity Low").click()
    expect(page).to_have_url(re.compile("status=DRAFT"))
    page.get_by_role("link", name="Problem 0").click()
    page.get_by_role("radio", name=re.compile("Easy")).check()
    page.get_by_label("Reason").fill("It can wait.")
    page.get_by_role("button", name="Approve as Easy").click()
    expect(page.locator("#notices")).to_contain_text("Approved.")
    page.get_by_role("link", name="Next:").click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("tr[data-ticket]")).to_have_count(2)
    for ticket in tickets[2:]:
        page.get_by_label(f"Select {ticket.ticket_number}").check()
    page.get_by_role("button", name="Approve selected").click()
    expect(page.locator(".outcomes li")).to_have_count(2)
    assert [Ticket.objects.get(pk=ticket.pk).status for ticket in tickets] == ["PENDING"] * 4
    page.goto("/desk/tickets/?pageSize=2")
    for name, number in {"Next": "2", "Last": "3", "Previous": "2", "First": "1"}.items():
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_text(f"Page {number} of 3")).to_be_visible()
    with page.expect_download():
        page.get_by_role("link", name="Download").click()
