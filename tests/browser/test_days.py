"""Each role's day from end to end, as people do it: by mouse, by typing, by reading what the desk says."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.visits import Visit, press
from tests.support import factories
from tickets.models import Ticket


def sign_in(page: Page, user: User) -> None:
    page.goto("/desk/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def notice(page: Page) -> str:
    return page.locator("#notices").inner_text()


def history(ticket: Ticket) -> list[str]:
    return list(ticket.history.order_by("version").values_list("action", flat=True))


def test_an_associates_day(visit: Visit) -> None:
    author = factories.associate(password=factories.PASSWORD)
    boss = visit(factories.manager())
    other = factories.ticket(title="Nobody can sign in since 9")
    page = visit()

    sign_in(page, author)
    page.get_by_role("link", name="New", exact=True).click()
    page.get_by_label("Title").press_sequentially("Nobody can sign in")
    page.get_by_label("Description").press_sequentially("The whole office is locked out.")
    expect(page.locator("#similar")).to_contain_text(other.ticket_number)
    suggestion = page.locator("#suggestion")
    expect(suggestion.get_by_role("button", name="Take it")).to_be_visible()
    expect(suggestion.get_by_role("listitem").first).not_to_be_empty()
    expect(suggestion).to_contain_text("By rules, without a language model")
    level = suggestion.locator(".badge").inner_text()
    suggestion.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("radio", name=level, exact=True)).to_be_checked()
    expect(page.get_by_role("radio", name=level, exact=True)).to_be_focused()
    page.get_by_role("radio", name="Medium").check()
    page.get_by_label("Due").fill("2030-01-31T17:00")
    page.get_by_role("button", name="Raise ticket").click()

    ticket = Ticket.objects.get(title="Nobody can sign in")
    assert notice(page) == f"Raised as {ticket.ticket_number}. A manager will review it."
    assert page.url.endswith(f"/desk/tickets/{ticket.ticket_number}/")
    assert ticket.get_ai_suggested_severity_display() == level
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    boss.goto(f"/desk/tickets/{ticket.ticket_number}/")
    boss.get_by_role("radio", name=re.compile("sends it back")).last.check()
    boss.get_by_label("Reason").fill("Say how many are affected.")
    boss.get_by_role("button", name="Send back as Very high").click()

    page.locator("#go-home").click()
    expect(page.locator("#unread")).to_have_text("1 unread")
    page.locator("#go-inbox").click()
    expect(page.locator("li.unread")).to_contain_text("and sent it back")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("#unread")).to_be_empty()
    page.get_by_role("link", name="Nobody can sign in", exact=True).click()
    expect(page.locator(".timeline")).to_contain_text("Say how many are affected.")
    page.get_by_role("link", name="Edit and resubmit").click()
    page.get_by_label("Description").fill("The whole office, 40 people, is locked out.")
    page.get_by_role("button", name="Send for review again").click()

    assert notice(page) == "Sent for review again."
    expect(page.locator(".timeline ins").first).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    assert notice(page).startswith(f"Deleted {ticket.ticket_number}.")
    page.get_by_role("button", name="Undo").click()
    assert notice(page) == f"Restored {ticket.ticket_number}."
    assert history(ticket) == ["created", "severity_changed", "edited", "deleted", "restored"]

    page.get_by_role("link", name="Preferences").click()
    page.get_by_label("Theme").select_option("Dark")
    page.get_by_label("Time zone").select_option("Europe/Lisbon")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "DARK")
    assert page.evaluate("getComputedStyle(document.body).colorScheme || 'dark'") == "dark"
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/desk/login/"))
    page.go_back()
    page.reload()
    expect(page).to_have_url(re.compile("/desk/login/"))
    assert visit.complaints == []


def test_a_managers_day_of_reviews(visit: Visit) -> None:
    boss = factories.manager(password=factories.PASSWORD)
    first, second, third = (factories.ticket(title=f"Problem {n}") for n in (1, 2, 3))
    mine = factories.ticket(author=boss, title="My own problem")
    page = visit()

    sign_in(page, boss)
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    press(page, "g t")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tickets")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Awaiting my review").check()
    expect(page.locator("tr[data-ticket]")).to_have_count(3)
    expect(page).to_have_url(re.compile("awaiting=me"))
    page.get_by_label("Sort").select_option("Oldest first")
    expect(page.locator("tr[data-ticket] .number").first).to_have_text(first.ticket_number)
    page.get_by_role("link", name="Problem 1").click()
    expect(page.get_by_text("sends it back to the author").first).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    following = f"Next: {second.ticket_number} Problem 2"
    assert notice(page).split("\n") == ["Approved. It goes out with tonight’s exchange.", following]
    page.get_by_role("link", name=following).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Problem 2")
    page.get_by_role("radio", name=re.compile("Very high")).check()
    page.get_by_role("button", name="Send back as Very high").click()
    expect(page.get_by_role("alert")).to_contain_text("Reason: Write the reason: the author will read it.")
    expect(page.get_by_label("Reason")).to_be_focused()
    expect(page.get_by_role("radio", name=re.compile("Very high"))).to_be_checked()
    page.get_by_label("Reason").fill("It stops the whole floor.")
    page.get_by_role("button", name="Send back as Very high").click()
    said = ["Sent back to the author, who is asked to look at it again.", f"Next: {third.ticket_number} Problem 3"]
    assert notice(page).split("\n") == said
    page.get_by_role("link", name="Next →").click()
    page.get_by_role("radio", name=re.compile("Easy")).check()
    page.get_by_label("Reason").fill("One desk only.")
    page.get_by_role("button", name="Approve as Easy").click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_text("No ticket fits these filters.")).to_be_visible()
    assert [Ticket.objects.get(pk=ticket.pk).status for ticket in (first, second, third)] == [
        "PENDING",
        "REVIEW",
        "PENDING",
    ]
    page.goto(f"/desk/tickets/{mine.ticket_number}/")
    expect(page.get_by_text("Another manager reviews it.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert visit.complaints == []


def test_a_managers_day_of_many_at_once(visit: Visit) -> None:
    boss = factories.manager()
    mine = factories.ticket(author=boss, title="My own problem")
    done = factories.ticket(title="Decided meanwhile")
    drafts = [factories.ticket(title=f"Problem {n}") for n in range(3)]
    page = visit(boss)

    page.goto("/desk/tickets/?status=DRAFT")
    expect(page.get_by_role("button", name="Approve selected")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    factories.advance(done, "PENDING")
    page.get_by_role("button", name="Approve selected").click()
    report = page.locator(".outcomes li")
    expect(report).to_have_count(5)
    for ticket in drafts:
        expect(report.filter(has_text=ticket.ticket_number)).to_contain_text("Approved.")
    expect(report.filter(has_text=mine.ticket_number)).to_contain_text("Refused: You raised this ticket")
    expect(report.filter(has_text=done.ticket_number)).to_contain_text("Refused:")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("tr[data-ticket]")).to_have_count(1)

    page.get_by_label(f"Select {mine.ticket_number}").check()
    page.get_by_role("button", name="Delete selected").click()
    expect(report.filter(has_text=mine.ticket_number)).to_contain_text("Deleted.")
    page.get_by_role("button", name="Undo").click()
    assert notice(page) == f"Restored {mine.ticket_number}."
    with page.expect_download() as download:
        page.goto("/desk/tickets/")
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert history(mine) == ["created", "deleted", "restored"]
    assert visit.complaints == []
