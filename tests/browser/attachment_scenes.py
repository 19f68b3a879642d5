"""Files at a ticket and in its conversation, waiting for a comment, refused, and about to be removed."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.scenes import page_of, scene
from tests.browser.stage import Stage
from tests.browser.visits import forget_shifts
from tickets.backfill.attachments import AttachmentRecord, backfill_attachments
from tickets.comments.actions import add_comment
from tickets.demo.files import FILES
from tickets.models import Attachment, Ticket

LONG_NAME = "Protokoll der Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft 2026-11.txt"


def some_files(stage: Stage, ticket: Ticket) -> Attachment:
    """At the ticket by two people, and a picture in a comment; the first of them."""
    shown, first = uuid.uuid4(), uuid.uuid4()
    text = f"This is what it shows:\n\n![the basket](attachment:{shown})"
    comment = add_comment(stage.author, ticket.pk, text=text)
    at = timezone.now() - timedelta(minutes=5)
    backfill_attachments(
        AttachmentRecord(pk, ticket, said, name, content, by, at)
        for pk, said, name, content, by in [
            (first, None, "dock.png", FILES["dock.png"](), stage.author),
            (uuid.uuid4(), None, LONG_NAME, b"x" * 2_345, stage.manager),
            (shown, comment.pk, "basket.png", FILES["basket.png"](), stage.author),
            (uuid.uuid4(), comment.pk, "orders.csv", b"1;2\n", stage.author),
        ]
    )
    return Attachment.objects.get(pk=first)


@scene("manager")
def ticket_with_attachments(page: Page, stage: Stage) -> None:
    some_files(stage, stage.edited)
    page.goto(page_of(stage.edited))
    page.get_by_alt_text("the basket").scroll_into_view_if_needed()
    expect(page.get_by_alt_text("the basket")).to_have_js_property("complete", True)


@scene("author", complaint="400")
def ticket_files_waiting(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.approved))
    page.get_by_label("Comment", exact=True).fill("See the picture.")
    files = {"frete.png": FILES["frete.png"](), LONG_NAME: b"x" * 2_345, "empty.log": b""}
    page.locator("#id_file").set_input_files(
        [FilePayload(name=name, mimeType="application/octet-stream", buffer=files[name]) for name in files]
    )
    expect(page.locator("#waiting li")).to_have_count(3)
    expect(page.locator("#waiting .error")).to_have_text("empty.log: The file is empty.")
    forget_shifts(page)


@scene("author")
def attachment_remove(page: Page, stage: Stage) -> None:
    page.goto(f"/desk/attachments/{some_files(stage, stage.worked_on).pk}/remove/")
