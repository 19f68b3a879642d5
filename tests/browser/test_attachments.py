"""Files in a browser: pasted, chosen, dropped, waiting with their draft, and what is said of those that are refused."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from accounts.models import User
from tests.browser.visits import Visit, press, tab_to
from tests.support import factories
from tests.support.hostile.comments import HOSTILE_COMMENTS
from tests.support.hostile.names import HOSTILE_NAMES
from tickets.comments.rendering import RENDERING, render
from tickets.models import Attachment, Comment, Ticket, Upload
from tickets.tests.attachments.files import picture

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
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


COPY = """async (content) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
}"""


def take_screenshot(page: Page, content: bytes) -> None:
    """Into the clipboard, as other programs do; the browser draws the picture anew for it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(COPY, base64.b64encode(content).decode())


@pytest.mark.parametrize("width", [1440, 390])
def test_a_manager_asks_the_author_answers_with_a_screenshot_the_manager_approves(width: int, visit: Visit) -> None:
    """By keyboard alone: nothing is clicked, and nothing gets the focus but by keys."""
    author, size = factories.associate(), {"width": width, "height": 844}
    ticket = factories.ticket(author=author)
    desk, page = visit(factories.manager(), viewport=size), visit(author, viewport=size)
    for each in (desk, page):
        each.goto(f"/desk/tickets/{ticket.ticket_number}/")
    press(desk, "r")
    desk.keyboard.type("What does it show?")
    tab_to(desk, desk.get_by_label("This is a question"))
    press(desk, "Space")
    tab_to(desk, desk.get_by_role("button", name="Comment", exact=True))
    press(desk, "Enter")
    expect(desk.locator("#notices")).to_contain_text("Your question was added.")

    page.goto("/desk/inbox/")
    tab_to(page, page.locator(".inbox .small a").first)
    press(page, "Enter")
    expect(page.locator(".comment")).to_contain_text("What does it show?")
    press(page, "r")
    page.keyboard.type("This:")
    take_screenshot(page, picture("PNG", (300, 200)))
    press(page, "Control+v")
    written = page.get_by_label("Comment", exact=True)
    expect(written).to_have_value(re.compile(r"^This:\n!\[image\.png\]\(attachment:[0-9a-f-]{36}\)\n$"))
    expect(written).to_be_focused()
    page.keyboard.type("Since nine.")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Your comment was added.")
    assert not Upload.objects.exists()
    assert Attachment.objects.get().comment == Comment.objects.latest("created_at")

    desk.goto("/desk/inbox/")
    tab_to(desk, desk.locator(".inbox .small a").first)
    press(desk, "Enter")
    tab_to(desk, desk.get_by_role("link", name="image.png", exact=True))
    shown = desk.get_by_alt_text("image.png")
    expect(shown).to_be_in_viewport()
    expect(shown).to_have_js_property("naturalWidth", 300)
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


def hostile_ticket(user: User) -> Ticket:
    """One on which all hostile comments stand, and all hostile names as they are sent, past what cleans them."""
    ticket = factories.ticket(author=user)
    Comment.objects.bulk_create(
        Comment(
            ticket=ticket,
            author=user,
            text=text,
            html=render(text).html,
            rendering=RENDERING,
            created_at=AT + timedelta(seconds=number),
        )
        for number, text in enumerate(text.replace("\0", "") for text in HOSTILE_COMMENTS)
    )
    names = [name.replace("\0", "")[:200] for name, _kept in HOSTILE_NAMES if "\ud800" not in name and name.strip("\0")]
    Attachment.objects.bulk_create(
        Attachment(
            ticket=ticket,
            file_name=name,
            content_type="image/png",
            size=7,
            sha256="0" * 64,
            preview_width=3,
            preview_height=2,
            uploaded_by=user,
            created_at=AT,
        )
        for name in names
    )
    return ticket


# What is wrong with the elements of a page: handlers, elements of other kinds in texts, and where things lead.
WRONG = """() => {
  const wrong = [], note = (element) => wrong.push(element.outerHTML.slice(0, 200));
  for (const element of document.querySelectorAll("*"))
    if ([...element.attributes].some(({ name }) => name.startsWith("on") || name === "srcdoc" || name === "style"))
      note(element);
  for (const element of document.querySelectorAll("a[href], img[src], form[action]")) {
    const address = new URL(element.href ?? element.src ?? element.action);
    const isOwn = address.origin === location.origin;
    if (!isOwn && (element.tagName !== "A" || !/^(https?|mailto):$/.test(address.protocol))) note(element);
  }
  for (const place of document.querySelectorAll(".markdown, .files"))
    for (const element of place.querySelectorAll("script, style, iframe, object, embed, svg, math, form, input, base"))
      note(element);
  return wrong;
}"""


def test_nothing_hostile_runs_or_asks_another_server(visit: Visit) -> None:
    author = factories.associate()
    ticket = hostile_ticket(author)
    page = visit(author)
    asked, dialogs = list[str](), list[str]()
    small = picture("PNG", (3, 2))

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.route("**/attachments/*/preview", lambda route: route.fulfill(body=small, content_type="image/png"))
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", dismiss)
    shown = 0
    for part in range(1, -(-len(HOSTILE_COMMENTS) // 25) + 1):
        page.goto(f"/desk/tickets/{ticket.ticket_number}/?part={part}")
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert page.evaluate(WRONG) == []
        shown += page.locator(".comment").count()
    assert shown == len(HOSTILE_COMMENTS)
    assert page.locator("#attachments .files a[download]").count() > 70
    assert {url for url in asked if not url.startswith(visit.address + "/")} == set()
    assert not [url for url in asked if "logout" in url or "delete" in url]
    assert (dialogs, visit.complaints) == ([], [])
