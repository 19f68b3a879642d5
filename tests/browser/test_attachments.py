"""Files in a browser: pasted, chosen, dropped, waiting with their draft, and what is said of those that are refused."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import Visit, press
from tests.support import factories
from tickets.models import Attachment, Comment, Ticket, Upload
from tickets.tests.attachments.files import picture

# What a browser tells of a file that comes by the clipboard or by the mouse.
BRING = """([kind, name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0)), data = new DataTransfer();
  data.items.add(new File([bytes], name));
  const event = kind === "paste" ? new ClipboardEvent(kind, { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
}"""


def bring(page: Page, kind: str, name: str, content: bytes) -> None:
    """By the clipboard or the mouse, to where the focus is."""
    page.evaluate(BRING, [kind, name, base64.b64encode(content).decode()])


def chosen(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.mark.parametrize("width", [1440, 390])
def test_a_manager_asks_the_author_answers_with_a_screenshot_the_manager_approves(width: int, visit: Visit) -> None:
    author, size = factories.associate(), {"width": width, "height": 844}
    ticket = factories.ticket(author=author)
    desk, page = visit(factories.manager(), viewport=size), visit(author, viewport=size)
    for each in (desk, page):
        each.goto(f"/desk/tickets/{ticket.ticket_number}/")
    press(desk, "r")
    desk.keyboard.type("What does it show?")
    desk.get_by_label("This is a question").focus()
    press(desk, "Space Control+Enter")
    expect(desk.locator("#notices")).to_contain_text("Your question was added.")

    page.reload()
    expect(page.locator(".comment")).to_contain_text("What does it show?")
    press(page, "r")
    page.keyboard.type("This:")
    bring(page, "paste", "image.png", picture("PNG", (300, 200)))
    written = page.get_by_label("Comment", exact=True)
    expect(written).to_have_value(re.compile(r"^This:\n!\[image\.png\]\(attachment:[0-9a-f-]{36}\)\n$"))
    expect(written).to_be_focused()
    page.keyboard.type("Since nine.")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Your comment was added.")
    assert not Upload.objects.exists()
    assert Attachment.objects.get().comment == Comment.objects.latest("created_at")

    desk.reload()
    shown = desk.get_by_alt_text("image.png")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 300)
    assert shown.bounding_box()
    desk.get_by_role("link", name="image.png", exact=True).focus()
    press(desk, "a")
    expect(desk.locator("#notices")).to_contain_text("Approved.")
    assert Ticket.objects.get().status == "PENDING"


def test_files_wait_with_their_draft_and_refusals_stand_at_their_place(visit: Visit, settings: Any) -> None:
    settings.ATTACHMENT_MAX_MB = 1
    author = factories.associate()
    page = visit(author)
    page.goto("/desk/tickets/new/")
    page.get_by_label("Title").fill("It jams")
    page.get_by_label("Files", exact=True).set_input_files(
        [chosen("log.txt", b"one"), chosen("large.bin", b"x" * 1_000_001)]
    )
    waiting = page.locator("#waiting")
    expect(waiting.get_by_role("checkbox", name="log.txt")).to_be_checked()
    expect(waiting.locator(".error")).to_have_text("large.bin: The file is larger than 1 MB.")
    page.get_by_label("Title").focus()
    bring(page, "drop", "shot.png", picture("PNG", (30, 20)))
    expect(waiting.get_by_role("checkbox")).to_have_count(2)
    page.reload()
    expect(waiting.get_by_role("checkbox")).to_have_count(2)
    expect(page.get_by_label("Title")).to_have_value("It jams")
    page.get_by_role("button", name="Raise ticket").click()  # without a text
    expect(page.get_by_role("alert")).to_contain_text("Description")
    expect(waiting.get_by_role("checkbox")).to_have_count(2)
    waiting.get_by_role("checkbox", name="log.txt").uncheck()
    page.get_by_label("Description").fill("Again.")
    page.get_by_role("button", name="Raise ticket").click()
    expect(page.locator("#attachments .files a[download]")).to_have_text(["shot.png"])

    page.get_by_text("Attach files").click()
    page.locator("#attach_file").set_input_files([chosen("1.txt", b"1"), chosen("2.txt", b"2"), chosen("empty", b"")])
    expect(page.locator("#attachments .files a[download]")).to_have_text(["shot.png", "1.txt", "2.txt"])
    expect(page.locator("#attachments .error")).to_have_text("empty: The file is empty.")
    page.get_by_role("link", name="Remove 1.txt").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#attachments .files a[download]")).to_have_text(["shot.png", "2.txt"])
    assert [upload.file_name for upload in Upload.objects.all()] == ["log.txt"]
