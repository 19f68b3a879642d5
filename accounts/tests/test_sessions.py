"""Whoever is not signed in any more finds what they typed again."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import PASSWORD, associate

pytestmark = pytest.mark.django_db

NEW = "/desk/tickets/new/"


def test_a_form_sent_without_a_session_comes_back_after_signing_in() -> None:
    user, browser = associate(password=PASSWORD), Client()
    typed = {"title": "Typed for an hour", "description": "line one\nline two", "severity": "HIGH"}
    answer = browser.post(NEW, typed)
    assert answer.headers["Location"] == f"/desk/login/?next={NEW}"
    answer = browser.post("/desk/login/", {"email": user.email, "password": PASSWORD, "next": NEW})
    assert answer.headers["Location"] == NEW
    page = browser.get(NEW).content.decode()
    assert "Typed for an hour" in page
    assert "line one\nline two" in page
    assert "Typed for an hour" not in browser.get(NEW).content.decode()


def test_htmx_is_led_to_sign_in_as_a_whole_page() -> None:
    answer = Client().get(
        "/desk/inbox/count/", headers={"HX-Request": "true", "HX-Current-URL": "http://x/desk/tickets/?q=a"}
    )
    assert answer.headers["HX-Redirect"] == "/desk/login/?next=/desk/tickets/%3Fq%3Da"
    assert answer.content == b""


def stale_form(browser: Client, **headers: str) -> str:
    user = associate()
    browser.force_login(user)
    answer = browser.post(NEW, {"title": "Mine <b>", "csrfmiddlewaretoken": "x" * 64}, headers=headers)
    assert answer.status_code == 403
    return str(answer.content.decode())


def test_a_form_with_an_old_token_can_be_sent_again() -> None:
    page = stale_form(Client(enforce_csrf_checks=True), origin="http://testserver")
    assert "Send again" in page
    assert "Mine &lt;b&gt;" in page


def test_a_form_of_another_site_cannot_be_confirmed() -> None:
    page = stale_form(Client(enforce_csrf_checks=True), origin="https://evil.example")
    assert "Send again" not in page
    assert "Mine" not in page
