"""Review mode: a draft, one that was resubmitted, with each form opened, lost, and the end of the queue."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.scenes import scene
from tests.browser.stage import LONG_TEXT, LONG_TITLE, Stage
from tests.browser.visits import forget_shifts
from tests.support import factories
from tickets import actions
from tickets.models import Ticket

MODE = "/desk/review/"


def begin(page: Page, stage: Stage, title: str = LONG_TITLE, text: str = LONG_TEXT) -> Ticket:
    """A draft of its own, which is looked at: others need those of the stage as they are."""
    draft = factories.ticket(author=stage.author, title=title, description=text)
    page.goto(f"{MODE}?ticket={draft.ticket_number}")
    page.locator(f'#draft[data-ticket="{draft.ticket_number}"][data-looked]').wait_for()
    return draft


@scene("manager")
def review_mode(page: Page, stage: Stage) -> None:
    begin(page, stage)


@scene("manager")
def review_mode_resubmitted(page: Page, stage: Stage) -> None:
    draft = factories.ticket(author=stage.author, title="Scanner stops", severity="LOW", description="It stops.")
    actions.change_severity(stage.manager, draft.pk, severity="HIGH", reason="Please say which floor it is on.")
    actions.edit_ticket(stage.author, draft.pk, description="The scanner on the third floor stops after two pages.")
    page.goto(f"{MODE}?ticket={draft.ticket_number}")
    page.get_by_role("heading", name="Since you sent it back").wait_for()


@scene("manager")
def review_mode_asking(page: Page, stage: Stage) -> None:
    begin(page, stage)
    page.locator("#ask summary").click()
    forget_shifts(page)
    page.get_by_label("Question").fill("Since when?")


@scene("manager")
def review_mode_duplicate(page: Page, stage: Stage) -> None:
    begin(page, stage, "Laptop does not wake up from sleep", "It stays dark.")
    page.locator("#duplicate summary").click()
    forget_shifts(page)
    page.get_by_role("button", name="Link and delete").wait_for()


@scene("manager", complaint="412")
def review_mode_lost(page: Page, stage: Stage) -> None:
    draft = begin(page, stage, "Door of the archive is stuck", "It does not open.")
    actions.approve_ticket(factories.manager(), draft.pk)
    page.locator("input[value=LOW]").check()
    page.get_by_label("Reason").fill("Only one office is affected.")
    page.locator("#approve").click()
    page.locator("#missed [role=alert]").wait_for()


@scene("manager")
def review_mode_at_its_end(page: Page, stage: Stage) -> None:
    page.goto(f"{MODE}?list=q%3Dnothing%2Bof%2Bthe%2Bkind")
    page.get_by_role("heading", name="Nothing is left to review").wait_for()
