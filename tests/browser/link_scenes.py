"""Links between tickets: at a ticket's side, and the page where they are made and removed."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.scenes import page_of, scene
from tests.browser.stage import LONG_TITLE, Stage
from tests.support import factories
from tickets.links.actions import add_link
from tickets.links.models import LinkKind
from tickets.models import TicketLink


def some_links(stage: Stage) -> None:
    TicketLink.objects.all().delete()
    long = factories.ticket(author=stage.author, title=LONG_TITLE)
    add_link(stage.author, stage.draft.pk, other_id=stage.closed.pk, kind=LinkKind.FOLLOW_UP_OF)
    add_link(stage.manager, stage.draft.pk, other_id=long.pk, kind=LinkKind.DUPLICATE_OF)


@scene("manager")
def ticket_with_links(page: Page, stage: Stage) -> None:
    some_links(stage)
    page.goto(page_of(stage.draft))


@scene("manager")
def ticket_link_open(page: Page, stage: Stage) -> None:
    some_links(stage)
    page.goto(page_of(stage.draft))
    page.get_by_text("Link a ticket").click()
    page.get_by_role("heading", name="Looks like the same problem").wait_for()


@scene("author")
def closed_ticket(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.closed))


@scene("author")
def follow_up(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.closed))
    page.get_by_role("link", name="Raise a follow-up").click()
    page.get_by_text("Other tickets with your words").wait_for(state="detached")


@scene("author")
def new_with_similar_chosen(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/new/")
    page.get_by_label("Title").fill("VPN drops every minute")
    page.get_by_label("Link the new ticket to it").first.check()


@scene("author")
def links(page: Page, stage: Stage) -> None:
    some_links(stage)
    page.goto(page_of(stage.draft, "links/"))


@scene("author")
def links_found(page: Page, stage: Stage) -> None:
    some_links(stage)
    page.goto(page_of(stage.draft, "links/?q=impressora"))


@scene("manager", complaint="409")
def link_refused(page: Page, stage: Stage) -> None:
    some_links(stage)
    page.goto(page_of(stage.draft, f"links/?q={stage.closed.ticket_number}"))
    page.get_by_label("This ticket is").select_option("FOLLOW_UP_OF")
    page.get_by_role("button", name="Link ").click()
    page.get_by_role("alert").first.wait_for()
