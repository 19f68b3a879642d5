"""Canned texts: none, some, refused, and offered beside a reason."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.scenes import page_of, scene
from tests.browser.stage import Stage
from tests.support import factories
from tickets.canned.actions import keep_canned_text
from tickets.models import CannedText

TEXTS = "/desk/canned/"


def some_texts(stage: Stage) -> None:
    CannedText.objects.all().delete()
    keep_canned_text(stage.manager, name="Say more", text="{author}, please say what happened on {ticket}, and when.")
    keep_canned_text(stage.manager, name="Donaudampfschifffahrtsgesellschaftsbüro", text="x" * 200, is_shared=True)
    keep_canned_text(
        factories.manager(), name="Everybody", text="Everybody is affected.\nSo it is {severity}.", is_shared=True
    )


@scene("manager")
def canned_empty(page: Page, stage: Stage) -> None:
    CannedText.objects.all().delete()
    page.goto(TEXTS)


@scene("manager")
def canned(page: Page, stage: Stage) -> None:
    some_texts(stage)
    page.goto(TEXTS)


@scene("manager", complaint="400")
def canned_name_taken(page: Page, stage: Stage) -> None:
    some_texts(stage)
    page.goto(TEXTS)
    page.get_by_label("Name").fill("Say more")
    page.get_by_label("Text", exact=True).fill("Please say more.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").first.wait_for()


@scene("manager")
def ticket_canned_text_inserted(page: Page, stage: Stage) -> None:
    some_texts(stage)
    page.goto(page_of(stage.edited))
    page.locator("input[value=LOW]").check()
    reason = page.get_by_label("Reason")
    reason.fill("Thank you.\n")
    choice = page.locator("#review-form").get_by_label("Canned text")
    expect(choice.locator("option")).to_have_count(4)
    reason.press_sequentially("/")
    expect(choice).to_be_focused()
    choice.select_option("Say more")
    number = stage.edited.ticket_number
    expect(reason).to_have_value(f"Thank you.\nBruna Albuquerque, please say what happened on {number}, and when.")
    expect(reason).to_be_focused()
