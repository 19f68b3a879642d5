"""Each address and method by each identity, and that the grid has a row for all that there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.test import RequestFactory
from django.test.client import ClientHandler
from pytest_django import Settings

from accounts.models import User
from tests.support.databases.modules import made_for_a_module
from tests.support.grid.addresses import CRON_SECRET, ROWS, Row, send
from tests.support.grid.answers import problem, refusal, status_of
from tests.support.grid.desk import GridDesk
from tests.support.grid.walk import (
    actions_without_a_row,
    addresses_without_a_row,
    methods_without_a_row,
    routes,
)

pytestmark = pytest.mark.django_db
desk = made_for_a_module(GridDesk)

SITE_MAP, GROWN = "config.urls", "tests.support.grid.grown_site_map"
# What stands above the database is the same on both, and pages take ten times as long as answers of the API.
MARKED_ROWS = [pytest.param(row, marks=pytest.mark.one_database) if row.surface == "page" else row for row in ROWS]


@pytest.fixture(autouse=True)
def _cron_secret(settings: Settings) -> None:
    settings.CRON_SECRET = CRON_SECRET


@pytest.mark.parametrize("row", MARKED_ROWS, ids=str)
def test_an_address_answers_each_identity_as_its_row_says(row: Row, desk: GridDesk) -> None:
    problems = []
    for who, answer in row.answers.items():
        with desk.undone():
            answered, path = send(desk, row, who)
            if wrong := problem(answered, answer, path=path):
                problems.append(f"{who}: {answer} expected, {wrong}")
    assert problems == []


@pytest.mark.one_database
@pytest.mark.parametrize("who", ["nobody", "chief"])
def test_head_is_answered_as_get_without_a_body(who: str, desk: GridDesk) -> None:
    problems = []
    for row in ROWS:
        if row.method == "GET" and who in row.answers:
            with desk.undone():
                answered, _path = send(desk, row, who, method="HEAD")
                if (answered.status, answered.body) != (status_of(row.answers[who]), b""):
                    problems.append(f"{row}: {answered.status} {answered.body[:80]!r}")
    assert problems == []


@pytest.mark.one_database
def test_a_form_from_elsewhere_is_refused_on_every_page(desk: GridDesk) -> None:
    """Without the token that our pages put into their forms.

    Mail programs press the button of one page by themselves; there the address is the secret.
    """
    strict, usual = ClientHandler(enforce_csrf_checks=True), desk.browser.handler
    desk.browser.handler = strict
    try:
        problems = []
        for row in ROWS:
            if row.surface == "page" and row.method == "POST" and not row.path.startswith("/desk/mail/leave/"):
                with desk.undone():
                    answered, _path = send(desk, row, "chief" if "chief" in row.answers else "manager")
                    if answered.status != 403 or answered.changed:
                        problems.append(f"{row}: {answered.status} {answered.changed}")
    finally:
        desk.browser.handler = usual
    assert problems == []


# --- Nothing without a row


def test_every_address_has_a_row() -> None:
    assert len(routes(SITE_MAP)) > 80
    assert addresses_without_a_row(SITE_MAP) == set()


@pytest.mark.one_database
def test_every_method_that_is_answered_has_a_row(desk: GridDesk) -> None:
    assert methods_answered_without_a_row(desk, SITE_MAP) == []


def methods_answered_without_a_row(desk: GridDesk, urlconf: str, only: str = "/") -> list[str]:
    """The API is asked by who may do most, pages by nobody: whoever it is, the method is judged first.

    The admin's pages show themselves whatever the method is, and must do no more.
    """
    found = []
    for method, address in methods_without_a_row(urlconf):
        path = address.format(**desk.names("chief"))
        is_admin, is_page = (
            path.startswith("/admin/"),
            path == "/" or path.startswith(("/desk/", "/favicon", "/.well-known/")),
        )
        if not path.startswith(only) or (is_admin and method not in ("POST", "PUT")):
            continue
        with desk.undone():
            send = desk.page if is_admin or is_page else desk.api
            answered = send("nobody" if is_page else "chief", method, path)
            is_refused = answered.status == 405 and (is_page or refusal(answered) == "method_not_allowed")
            if not (is_refused or (is_admin and answered.status < 500)) or answered.wrote:
                found.append(f"{method} {path}: {answered.status} {answered.wrote}")
    return found


def staff_request(desk: GridDesk) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = desk.person("chief")
    return request


def test_every_model_and_action_of_the_admin_has_a_row(desk: GridDesk) -> None:
    assert actions_without_a_row(admin.site._registry, staff_request(desk)) == {}


def test_an_address_without_a_row_is_found() -> None:
    assert addresses_without_a_row(GROWN) == {"desk/grown/<str:id>/"}


def test_a_method_without_a_row_is_found(desk: GridDesk, settings: Settings) -> None:
    settings.ROOT_URLCONF = GROWN
    assert methods_answered_without_a_row(desk, GROWN, only="/auth/") == ["POST /auth/me: 200 []"]


def test_a_model_and_an_action_without_a_row_are_found(desk: GridDesk) -> None:
    class Grown(type(admin.site._registry[User])):  # type: ignore[misc]  # of a class that is known at run time only
        @admin.action(description="Grow")
        def grow(self, request: Any, queryset: Any) -> None: ...

        actions = ("deactivate", "make_one_time_link", "grow")

    class Session(ModelAdmin): ...  # type: ignore[type-arg]  # not subscriptable at run time

    from django.contrib.sessions.models import Session as SessionModel

    grown: dict[Any, ModelAdmin[Any]] = {User: Grown(User, admin.site), SessionModel: Session(SessionModel, admin.site)}
    found = actions_without_a_row({**admin.site._registry, **grown}, staff_request(desk))
    assert found == {"accounts.user": {"grow"}, "sessions.session": {"delete_selected"}}
