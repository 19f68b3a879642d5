"""Signing in and out as a person, and setting a password by a one-time link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.letters import one_time_link
from tests.support.factories import PASSWORD, associate

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=False)


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def test_root_leads_to_the_desk_and_the_desk_to_sign_in(browser: Client) -> None:
    assert browser.get("/").headers["Location"] == "/desk/"
    assert browser.get("/desk/").headers["Location"] == "/desk/login/?next=/desk/"


def test_sign_in_leads_to_next(browser: Client) -> None:
    user = associate(password=PASSWORD)
    page = browser.post("/desk/login/", {"email": user.email.upper(), "password": PASSWORD, "next": "/docs"})
    assert (page.status_code, page.headers["Location"]) == (302, "/docs")
    assert user.email in browser.get("/desk/").content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""),
        *("x", "0", "admin:index", "tickets:list", "[]", "é", "://", "http://["),
    ],
)
def test_sign_in_never_leads_elsewhere(browser: Client, elsewhere: str) -> None:
    user = associate(password=PASSWORD)
    page = browser.post("/desk/login/", {"email": user.email, "password": PASSWORD, "next": elsewhere})
    assert page.headers["Location"] == "/desk/"
    assert browser.get("/desk/login/", {"next": elsewhere}).headers["Location"] == "/desk/"


def test_wrong_password_is_said_in_the_form(browser: Client) -> None:
    user = associate(password=PASSWORD)
    page = browser.post("/desk/login/", {"email": user.email, "password": "wrong", "next": "/docs"})
    assert page.status_code == 422
    assert "E-mail or password is wrong." in page.content.decode()
    assert 'value="/docs"' in page.content.decode()


def test_what_is_wrong_is_marked_and_the_first_of_it_has_the_focus(browser: Client) -> None:
    def fields(**typed: str) -> dict[str, tuple[bool, bool]]:
        page = browser.post("/desk/login/", typed).content.decode()
        found = {}
        for name in ("email", "password"):
            field = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
            assert field is not None
            found[name] = ('aria-invalid="true"' in field[0], "autofocus" in field[0])
        return found

    assert fields() == {"email": (True, True), "password": (True, False)}
    assert fields(email="ana@example.com") == {"email": (False, False), "password": (True, True)}
    assert fields(email="ana", password="x") == {"email": (True, True), "password": (False, False)}
    assert fields(email="ana@example.com", password="wrong") == {"email": (True, True), "password": (True, False)}


def test_signing_out_takes_a_post(browser: Client) -> None:
    browser.force_login(associate())
    assert browser.get("/desk/logout/").status_code == 405
    assert browser.post("/desk/logout/").headers["Location"] == "/desk/login/"
    assert browser.get("/desk/").status_code == 302


def test_a_changed_role_ends_the_browser_session(browser: Client) -> None:
    user = associate(password=PASSWORD)
    browser.post("/desk/login/", {"email": user.email, "password": PASSWORD})
    assert browser.get("/desk/").status_code == 200
    type(user).objects.filter(pk=user.pk).update(role="MANAGER")
    assert browser.get("/desk/").status_code == 302


def test_demo_accounts_are_shown_in_a_demo_only(browser: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert "Password123!" not in browser.get("/desk/login/").content.decode()
    settings.DEMO = True
    assert "Password123!" in browser.get("/desk/login/").content.decode()


def set_password(browser: Client, link: str, password: str) -> int:
    """Follow a one-time link and fill its form; the status of the answer."""
    form = browser.get(path_of(link), follow=True)
    path = form.request["PATH_INFO"]
    return browser.post(path, {"new_password1": password, "new_password2": password}).status_code


def test_one_time_link_sets_a_password_once(browser: Client) -> None:
    user = associate()
    link = one_time_link(user)
    assert set_password(browser, link, "a quiet new morning") == 302
    user.refresh_from_db()
    assert user.check_password("a quiet new morning")
    again = Client().get(path_of(link), follow=True)
    assert "This link no longer works" in again.content.decode()


def test_one_time_link_ends_after_a_day(browser: Client) -> None:
    link = one_time_link(associate())
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert "This link no longer works" in browser.get(path_of(link), follow=True).content.decode()


def test_unknown_page_of_the_desk_is_a_page(browser: Client) -> None:
    answer = browser.get("/desk/nothing/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_pages_carry_a_strict_policy(browser: Client) -> None:
    policy = browser.get("/desk/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
