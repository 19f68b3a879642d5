"""A draft that waits for its author's answer: for the author, for who asked, and in lists."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.scenes import page_of, scene
from tests.browser.stage import LONG_TITLE, Stage
from tests.support import factories
from tickets.comments.actions import add_comment
from tickets.models import Ticket

TEXT = "Since when, and does it **also** happen with the other printer?\n\n- the one on the left\n- the one beside it"


def asked(stage: Stage, title: str = LONG_TITLE) -> Ticket:
    draft = factories.ticket(author=stage.author, title=title)
    add_comment(stage.manager, draft.pk, text=TEXT, is_question=True)
    return draft


@scene("manager")
def ticket_asked_by_oneself(page: Page, stage: Stage) -> None:
    page.goto(page_of(asked(stage)))
    page.get_by_role("button", name="Withdraw the question").wait_for()


@scene("author")
def ticket_asks_its_author(page: Page, stage: Stage) -> None:
    page.goto(page_of(asked(stage)))
    page.get_by_role("heading", name="Waits for your answer").wait_for()


@scene("manager")
def list_of_what_is_asked(page: Page, stage: Stage) -> None:
    asked(stage)
    page.goto("/desk/tickets/?waitingFor=author")
    page.get_by_role("link", name="Waiting for an answer").wait_for()


@scene("author")
def home_asks_the_author(page: Page, stage: Stage) -> None:
    asked(stage)
    page.goto("/desk/")
    page.get_by_role("heading", name="Waits for your answer").wait_for()


@scene("author")
def inbox_asks_the_author(page: Page, stage: Stage) -> None:
    asked(stage, "Scanner stops after two pages")
    page.goto("/desk/inbox/")
    page.get_by_role("heading", name="Waits for your answer").wait_for()
