"""Saved views: in the navigation, being made, refused, none, many with long names, no longer understood."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.scenes import scene
from tests.browser.stage import Stage
from tests.support import factories
from tickets.models import SavedView
from tickets.saved_views import actions

VIEWS = "/desk/tickets/views/"
LATE = "/desk/tickets/?status=DRAFT&overdue=1"


def some_views(stage: Stage) -> None:
    SavedView.objects.all().delete()
    actions.save_view(stage.manager, name="Late drafts", query="status=DRAFT&overdue=1", is_shared=True)
    for name, query in {
        "Donaudampfschifffahrtsgesellschaftsbüro": "q=Impressora+fiscal&severity=VERY_HIGH&sort=dueDate",
        "Most severe first": "sort=-severity",
    }.items():
        actions.save_view(stage.manager, name=name, query=query)
    actions.save_view(factories.manager(), name="To review", query="awaiting=me&sort=number", is_shared=True)


@scene("newcomer")
def views_empty(page: Page, stage: Stage) -> None:
    SavedView.objects.all().delete()
    page.goto(VIEWS)


@scene("manager")
def list_save_view_open(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?status=DRAFT&severity=EASY&pageSize=12")
    page.get_by_text("Save view").click()
    page.get_by_label("Name").fill("Easy drafts")


@scene("manager")
def list_as_saved_view(page: Page, stage: Stage) -> None:
    some_views(stage)
    page.goto(LATE)


@scene("manager")
def views(page: Page, stage: Stage) -> None:
    some_views(stage)
    SavedView.objects.create(owner=stage.manager, name="From another time", query="status=WAITING")
    page.goto(VIEWS)


@scene("manager")
def views_rename_open(page: Page, stage: Stage) -> None:
    some_views(stage)
    page.goto(VIEWS)
    page.get_by_text("Rename", exact=True).first.click()


@scene("manager")
def view_name_taken(page: Page, stage: Stage) -> None:
    some_views(stage)
    page.goto("/desk/tickets/?severity=EASY")
    page.get_by_text("Save view").click()
    page.get_by_label("Name").fill("Late drafts")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").first.wait_for()


@scene("manager")
def view_not_understood(page: Page, stage: Stage) -> None:
    view = SavedView.objects.create(owner=stage.manager, name="From long ago", query="status=WAITING")
    page.goto(f"{VIEWS}{view.pk}/")
    view.delete()
