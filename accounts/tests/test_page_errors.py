"""What goes wrong on the desk is said on a page of the desk, with what one can do."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from tests.support import factories
from tests.support.pages import Desk, html, words

pytestmark = pytest.mark.django_db


def assert_page(answer: Any, status: int, *said: str) -> None:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"]
    assert all(text in words(answer) for text in said), words(answer)
    assert 'href="/desk/' in html(answer)


def test_400() -> None:
    assert_page(Desk(factories.associate()).get("/desk/tickets/?page=x"), 400, "the desk does not know", "whole list")


def test_400_for_a_body_with_too_many_fields() -> None:
    answer = Desk(factories.associate()).post("/desk/tickets/bulk/", {"ticket": ["x"] * 1001})
    assert_page(answer, 400, "Nothing was changed.")


def test_403_csrf_for_who_is_not_signed_in() -> None:
    desk = Desk()
    desk.client.handler.enforce_csrf_checks = True
    try:
        answer = desk.post("/desk/login/", {"email": "x@example.com", "password": "a secret"})
    finally:
        desk.client.handler.enforce_csrf_checks = False
    assert_page(answer, 403, "Nothing was changed.", "cookies have to be allowed")


@pytest.mark.parametrize("signed_in", [True, False])
def test_404(signed_in: bool) -> None:
    answer = Desk(factories.associate() if signed_in else None).get("/desk/nothing/")
    assert_page(answer, 404, "There is nothing at this address", "mistyped")


def test_405() -> None:
    answer = Desk(factories.associate()).get("/desk/logout/")
    assert_page(answer, 405, "This address cannot be opened like a page.")
    assert "POST" in answer.headers["Allow"]


def test_413() -> None:
    typed = f"title={'x' * 2_700_000}"
    answer = Desk(factories.associate()).client.post(
        "/desk/tickets/new/", typed, content_type="application/x-www-form-urlencoded"
    )
    assert_page(answer, 413, "Go back: your text is still in the form.")


def test_429(settings: Settings) -> None:
    settings.SIGN_IN_FAILURES_PER_ACCOUNT_AND_ADDRESS = 2
    typed = {"email": "x@example.com", "password": "wrong", "next": "/desk/inbox/"}
    for _ in range(2):
        assert Desk().post("/desk/login/", typed).status_code == 422
    answer = Desk().post("/desk/login/", typed)
    assert_page(answer, 429, "Try again in 15 minutes.")
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert 'value="/desk/inbox/"' in html(answer)


@pytest.mark.urls("tests.support.broken_desk")
@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/desk/broken/500/", 500, "Something went wrong on our side"),
        ("/desk/broken/503/", 503, "The desk is busy for a moment"),
    ],
)
def test_500_and_503(path: str, status: int, said: str, signed_in: bool) -> None:
    answer = Desk(factories.associate() if signed_in else None).get(path)
    assert_page(answer, status, said, "what you typed is still in the form")
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)


def test_503_when_the_database_is_away_before_any_view() -> None:
    def away(*args: Any) -> Any:
        raise OperationalError("the server has gone away")

    desk = Desk(factories.associate())
    with connection.execute_wrapper(away):
        answer = desk.get("/desk/tickets/")
    assert_page(answer, 503, "The desk is busy for a moment")


def test_who_is_signed_in_is_led_on_from_sign_in() -> None:
    desk = Desk(factories.associate())
    assert desk.get("/desk/login/").headers["Location"] == "/desk/"
    assert desk.get("/desk/login/?next=/desk/inbox/").headers["Location"] == "/desk/inbox/"
    assert desk.get("/desk/login/?next=https://evil.example/").headers["Location"] == "/desk/"


@pytest.mark.parametrize("path", ["/desk/", "/desk/tickets/", "/desk/inbox/", "/desk/preferences/"])
def test_caches_keep_no_page_of_a_person(path: str) -> None:
    control = Desk(factories.associate()).get(path).headers["Cache-Control"]
    assert {"private", "no-cache"} <= {part.strip() for part in control.split(",")}


@pytest.mark.parametrize("theme", ["SYSTEM", "LIGHT", "DARK"])
def test_preferences_hold(theme: str) -> None:
    user = factories.associate()
    desk = Desk(user)
    answer = desk.post("/desk/preferences/", {"theme": theme, "time_zone": "America/Sao_Paulo"})
    assert answer.headers["Location"] == "/desk/preferences/"
    page = desk.text("/desk/preferences/")
    assert f'data-theme="{theme}"' in page
    assert '<option value="America/Sao_Paulo" selected>' in page
    assert desk.post("/desk/preferences/", {"theme": "PINK", "time_zone": "Mars"}).status_code == 422


def test_changing_the_password_keeps_this_browser_and_ends_the_others() -> None:
    user = factories.associate(password=factories.PASSWORD)
    here, elsewhere = Desk(user), Desk(user)
    new = "a quiet new morning"
    typed = {"old_password": factories.PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/desk/preferences/password/", typed).headers["Location"] == "/desk/preferences/"
    assert "signed out everywhere else" in here.text("/desk/preferences/")
    assert elsewhere.get("/desk/").status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)


def test_without_mail_the_support_staff_helps(settings: Settings) -> None:
    settings.HAS_MAIL = False
    desk = Desk()
    assert "Ask the support staff" in desk.text("/desk/password/")
    assert desk.post("/desk/password/", {"email": "x@example.com"}).headers["Location"] == "/desk/password/"
