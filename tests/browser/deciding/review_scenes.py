"""Review mode: a draft, one that was resubmitted, with each form opened, lost, and the end of the queue."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.scenes import scene
from tests.browser.stage import Stage
from tests.support import factories
from tickets import actions
from tickets.models import Ticket

MODE = "/desk/review/"


def begin(page: Page, ticket: Ticket) -> None:
    page.goto(f"{MODE}?ticket={ticket.ticket_number}")
    page.locator("#draft").wait_for()


@scene("manager")
def review_mode(page: Page, stage: Stage) -> None:
    begin(page, stage.draft)


@scene("manager")
def review_mode_resubmitted(page: Page, stage: Stage) -> None:
    back = actions.change_severity(stage.manager, stage.draft.pk, severity="LOW", reason="Only one office is affected.")
    assert back.status == "PENDING"
    draft = factories.ticket(author=stage.author, title="Scanner stops", severity="LOW")
    actions.change_severity(stage.manager, draft.pk, severity="HIGH", reason="Please say which floor it is on.")
    actions.edit_ticket(stage.author, draft.pk, description="The scanner on the third floor stops after two pages.")
    page.goto(MODE)
    page.get_by_role("heading", name="Since you sent it back").wait_for()


@scene("manager")
def review_mode_asking(page: Page, stage: Stage) -> None:
    begin(page, stage.draft)
    page.locator("#ask summary").click()
    page.get_by_label("Question").fill("Since when?")


@scene("manager")
def review_mode_duplicate(page: Page, stage: Stage) -> None:
    page.goto(MODE)
    page.locator("#duplicate summary").click()
    page.get_by_role("button", name="Link and delete").wait_for()


@scene("manager", complaint="412")
def review_mode_lost(page: Page, stage: Stage) -> None:
    begin(page, stage.draft)
    actions.approve_ticket(factories.manager(), stage.draft.pk)
    page.locator("input[value=LOW]").check()
    page.get_by_label("Reason").fill("Only one office is affected.")
    page.locator("#approve").click()
    page.locator("#missed [role=alert]").wait_for()


@scene("manager")
def review_mode_at_its_end(page: Page, stage: Stage) -> None:
    page.goto(f"{MODE}?list=q%3Dnothing%2Bof%2Bthe%2Bkind")
    page.get_by_role("heading", name="Nothing is left to review").wait_for()
