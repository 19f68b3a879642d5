"""Deciding on a ticket: nothing half written is thrown away, by mouse, by key or without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.visits import Visit, press
from tests.support import factories
from tickets.models import Ticket


@pytest.fixture
def boss() -> User:
    return factories.manager()


def opened(page: Page, ticket: Ticket) -> Page:
    page.goto(f"/desk/tickets/{ticket.ticket_number}/")
    return page


def status(ticket: Ticket) -> str:
    return Ticket.objects.values_list("status", flat=True).get(pk=ticket.pk)


@pytest.mark.parametrize("with_script", [True, False])
def test_the_button_says_what_the_choice_does(with_script: bool, visit: Visit, boss: User) -> None:
    page = opened(visit(boss, java_script_enabled=with_script), factories.ticket(severity="MEDIUM"))
    button = page.locator("#approve")
    expect(button).to_have_accessible_name("Approve")
    for level, verb in {
        "Easy": "Approve as Easy",
        "Very high": "Send back as Very high",
        "High": "Send back as High",
        "Medium": "Approve",
    }.items():
        page.get_by_role("radio", name=re.compile(f"^{level}")).check()
        expect(button).to_have_accessible_name(verb)


@pytest.mark.parametrize("with_script", [True, False])
def test_approving_by_mouse_keeps_a_half_written_reason(with_script: bool, visit: Visit, boss: User) -> None:
    ticket = factories.ticket()
    page = opened(visit(boss, java_script_enabled=with_script), ticket)
    page.get_by_label("Reason").fill("Half a reason")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_label("Reason")).to_have_value("Half a reason")
    expect(page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Reason")).to_be_focused()
    assert status(ticket) == "DRAFT"
    page.get_by_role("radio", name=re.compile("^High")).check()
    page.get_by_role("button", name="Send back as High").click()
    expect(page.locator("#notices")).to_contain_text("Sent back to the author")


def test_keys_do_nothing_while_something_unsent_stands_there(visit: Visit, boss: User) -> None:
    first, _second = factories.ticket(title="First"), factories.ticket(title="Second")
    page = visit(boss)
    page.goto(f"/desk/tickets/{first.ticket_number}/?list=sort%3Dnumber&at=0")
    here = page.url
    page.get_by_label("Reason").fill("Half a reason")
    page.get_by_label("Reason").evaluate("field => field.blur()")
    for keys in ("a", "j", "k", "c", "e", "g h", "g t", "g i", "/"):
        press(page, keys)
        expect(page.locator("#said")).to_contain_text("Something here is not sent yet.")
        page.evaluate("document.getElementById('said').replaceChildren()")
    expect(page).to_have_url(here)
    assert status(first) == "DRAFT"
    # A choice alone is something unsent as well.
    page.get_by_label("Reason").fill("")
    page.get_by_role("radio", name=re.compile("^High")).check()
    press(page, "a")
    expect(page.locator("#said")).to_contain_text("Something here is not sent yet.")
    page.get_by_role("radio", name=re.compile("as it is")).check()
    press(page, "a")
    expect(page.locator("#notices")).to_contain_text("Approved.")
    assert status(first) == "PENDING"


def test_each_outcome_has_a_key(visit: Visit, boss: User) -> None:
    ticket = factories.ticket(severity="MEDIUM")
    page = opened(visit(boss), ticket)
    press(page, "4")
    expect(page.get_by_role("radio", name=re.compile("^High"))).to_be_checked()
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("It stops the floor, all 5 rooms.")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Sent back to the author")
    assert status(ticket) == "REVIEW"


def test_a_review_half_written_is_there_again_and_goes_once_it_is_sent(visit: Visit, boss: User) -> None:
    ticket = factories.ticket()
    page = opened(visit(boss), ticket)
    press(page, "1")
    page.keyboard.type("One room only")
    page.goto("/desk/")
    opened(page, ticket)
    expect(page.locator("#review-form").get_by_text("What you typed before is back.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve as Easy")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("One room only")
    press(page, "a")
    assert status(ticket) == "DRAFT"
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    press(page, "a")
    expect(page.locator("#notices")).to_contain_text("Approved.")


@pytest.mark.parametrize("width", [360, 768])
def test_the_bar_of_decisions_covers_no_text(width: int, visit: Visit, boss: User) -> None:
    ticket = factories.ticket(description="\n".join(f"Line {n}" for n in range(80)))
    page = opened(visit(boss, viewport={"width": width, "height": 740}), ticket)
    bar = page.locator(".act")
    box = bar.bounding_box()
    assert box
    assert box["y"] + box["height"] == pytest.approx(740, abs=1), "it stands at the bottom"
    assert box["height"] < 740 / 4
    expect(page.get_by_label("Reason")).to_be_hidden()
    # Facts are one line under the title, and the text begins right below.
    top = page.locator("h1").bounding_box()
    text = page.locator(".text").bounding_box()
    assert top
    assert text
    assert text["y"] - top["y"] - top["height"] < 110
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    below = page.evaluate("document.querySelector('article').getBoundingClientRect().bottom")
    assert below <= bar.evaluate("bar => bar.getBoundingClientRect().top") + 1
    page.get_by_role("radio", name=re.compile("^High")).check()
    expect(page.get_by_label("Reason")).to_be_visible()
    page.get_by_label("Reason").fill("x")
    page.get_by_role("radio", name=re.compile("as it is")).check()
    expect(page.get_by_label("Reason")).to_be_visible()  # what is written never hides


def test_an_edit_of_a_deleted_ticket_leaves_the_text_to_copy(visit: Visit) -> None:
    author = factories.associate()
    ticket = factories.ticket("REVIEW", author=author)
    page = visit(author)
    page.goto(f"/desk/tickets/{ticket.ticket_number}/edit/")
    page.get_by_label("Description").fill("Half an hour of work")
    factories.deleted(ticket)
    with page.expect_navigation() as answer:
        page.get_by_role("button", name="Send for review again").click()
    assert answer.value.status == 404
    expect(page.get_by_label("Description")).to_have_value("Half an hour of work")
