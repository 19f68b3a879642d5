"""Talking on a ticket by keyboard alone, and what stands there unsent."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visits import Visit, press, tab_to
from tests.support import factories
from tickets.comments.actions import add_comment
from tickets.models import Comment, Ticket


@pytest.mark.parametrize("width", [1440, 390])
def test_a_comment_is_written_previewed_edited_and_removed_by_keyboard(width: int, visit: Visit) -> None:
    author = factories.associate()
    ticket = factories.ticket(author=author)
    page = visit(author, viewport={"width": width, "height": 844})
    page.goto(f"/desk/tickets/{ticket.ticket_number}/")
    press(page, "r")
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    page.keyboard.type("It is **still** so.")
    press(page, "Tab Space Tab Tab Tab Enter")  # a question; over files and the button that sends it, to the preview
    expect(page.locator("#preview strong")).to_have_text("still")
    assert not Comment.objects.exists()
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("It is **still** so.")
    expect(page.get_by_label("This is a question")).to_be_checked()
    press(page, "r Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Your question was added.")
    comment = Comment.objects.get()
    assert comment.is_question
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    place = page.locator(f"#comment-{comment.pk}")
    expect(place.locator("strong", has_text="still")).to_be_in_viewport()

    tab_to(page, place.get_by_role("link", name="Edit"))
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Edit your comment")).to_be_visible()
    tab_to(page, page.get_by_label("Comment", exact=True))
    press(page, "Control+End")
    page.keyboard.type(" Since nine.")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Your comment was changed.")
    expect(place).to_contain_text("It is still so. Since nine.")
    expect(place.get_by_role("link", name="edited")).to_be_visible()

    tab_to(page, place.get_by_role("link", name="Remove"))
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Remove your comment?")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Remove"))
    press(page, "Enter")
    expect(place).to_contain_text("Removed by its author")
    comment.refresh_from_db()
    assert comment.text == ""


def test_a_comment_and_a_review_stand_beside_each_other_and_neither_is_lost(visit: Visit) -> None:
    ticket = factories.ticket()
    page = visit(factories.manager())
    page.goto(f"/desk/tickets/{ticket.ticket_number}/")
    page.get_by_label("Comment", exact=True).fill("Half a comment")
    page.get_by_role("radio", name=re.compile("^High")).check()
    page.get_by_label("Reason").fill("Half a reason")
    page.get_by_label("Reason").evaluate("field => field.blur()")
    for key in ("a", "j", "4"):
        press(page, key)
        expect(page.locator("#said")).to_contain_text("Something here is not sent yet.")
        page.evaluate("document.getElementById('said').replaceChildren()")
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Half a comment")
    expect(page.get_by_label("Reason")).to_have_value("Half a reason")
    page.get_by_role("button", name="Send back as High").click()
    expect(page.locator("#notices")).to_contain_text("Sent back to the author")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Half a comment")
    assert Ticket.objects.get().status == "REVIEW"
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Your comment was added.")
    # Going back, the form is the same one, and sending it again adds nothing.
    page.go_back()
    page.get_by_label("Comment", exact=True).fill("Half a comment")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Your comment was added.")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("width", [1440, 390])
def test_an_at_sign_offers_people_by_keyboard_and_touch(width: int, visit: Visit) -> None:
    for name in ("Maria Lima", "Maria Silva", "Mário Reis"):
        factories.associate(email=f"{name.split()[1].lower()}@example.com", name=name)
    author = factories.associate(name="Maria Myself")
    ticket = factories.ticket(author=author)
    page = visit(author, viewport={"width": width, "height": 844})
    page.goto(f"/desk/tickets/{ticket.ticket_number}/")
    field, people = page.get_by_label("Comment", exact=True), page.get_by_role("listbox", name="People")
    press(page, "r")
    page.keyboard.type("Ask @mari")
    expect(people.get_by_role("option")).to_have_text(
        [re.compile(name) for name in ("Lima", "Mário Reis", "Maria Silva")]
    )
    first, _second, third = people.get_by_role("option").all()
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "person-1")
    press(page, "ArrowUp")
    expect(third).to_have_attribute("aria-selected", "true")
    press(page, "Enter")
    expect(field).to_have_value("Ask @silva@example.com ")
    expect(people).to_be_hidden()
    page.keyboard.type("or @reis")
    expect(people).to_be_visible()
    press(page, "Escape")
    expect(people).to_be_hidden()
    expect(field).to_be_focused()
    page.keyboard.type(" or @lim")
    people.get_by_role("option").click()
    expect(field).to_have_value("Ask @silva@example.com or @reis or @lima@example.com ")
    page.keyboard.type("or nobody@exa")
    expect(people).to_be_hidden()
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Your comment was added.")
    expect(page.locator(".comment .named")).to_have_text(["Maria Silva", "Maria Lima"])


@pytest.mark.parametrize("width", [1440, 390])
def test_a_question_is_found_in_the_inbox_and_answered_there(width: int, visit: Visit) -> None:
    author, boss = factories.associate(name="Ana Sousa"), factories.manager(name="Mia Reed")
    ticket = factories.ticket(author=author)
    asked = add_comment(boss, ticket.pk, text="Which **office**?", is_question=True)
    page = visit(author, viewport={"width": width, "height": 844})
    page.goto("/desk/inbox/")
    expect(page.locator(".inbox li.unread")).to_contain_text("Mia Reed asks you")
    expect(page.locator("#told blockquote")).to_have_text("Which **office**?")
    tab_to(page, page.locator("#told .small a"))
    press(page, "Enter")
    expect(page.locator(f"#comment-{asked.pk}")).to_be_in_viewport()
    expect(page.locator("#unread")).not_to_contain_text("1")
    press(page, "r")
    page.keyboard.type("All of them.")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Your comment was added.")
    theirs = visit(boss, viewport={"width": width, "height": 844})
    theirs.goto("/desk/inbox/")
    expect(theirs.locator(".inbox li").filter(has_text="answered you")).to_contain_text("Ana Sousa")
    theirs.get_by_role("button", name="Mark as read").first.click()
    expect(theirs.locator(".inbox li.unread")).to_have_count(0)
