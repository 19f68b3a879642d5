"""Whoever is not signed in any more finds what they typed again."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from tests.support.factories import PASSWORD, associate, manager, ticket

pytestmark = pytest.mark.django_db

NEW = "/desk/tickets/new/"


def signed_out(user: User) -> Client:
    """A browser whose session has ended while its person was writing."""
    browser = Client()
    browser.force_login(user)
    assert browser.get("/desk/preferences/").status_code == 200
    Session.objects.all().delete()
    return browser


def sign_in(browser: Client, user: User, after: str = NEW) -> None:
    answer = browser.post("/desk/login/", {"email": user.email, "password": PASSWORD, "next": after})
    assert answer.status_code == 302


def test_nobody_else_finds_what_somebody_typed() -> None:
    writer, other = associate(password=PASSWORD), associate(password=PASSWORD)
    browser = signed_out(writer)
    browser.post(NEW, {"title": "A private matter"})
    assert "what you typed is there again" in browser.get("/desk/login/").content.decode()
    sign_in(browser, other)
    assert "A private matter" not in browser.get(NEW).content.decode()
    assert "kept_form" not in browser.session
    browser.post("/desk/logout/")
    sign_in(browser, writer)
    assert "A private matter" not in browser.get(NEW).content.decode()


def test_what_was_typed_when_the_role_was_changed_comes_back() -> None:
    user, browser = associate(password=PASSWORD), Client()
    sign_in(browser, user)
    User.objects.filter(pk=user.pk).update(role="MANAGER")
    browser.post(NEW, {"title": "Typed for an hour"})
    sign_in(browser, user)
    assert "Typed for an hour" in browser.get(NEW).content.decode()


@pytest.mark.parametrize("cookie", [None, "", "x", "00000000-0000-4000-8000-000000000000:aaaa:bbbb"])
def test_strangers_store_nothing(cookie: str | None) -> None:
    browser = Client()
    if cookie is not None:
        browser.cookies["last_person"] = cookie
    for _ in range(20):
        answer = browser.post(NEW, {"title": "x", "description": "y" * 100_000})
        assert answer.headers["Location"] == f"/desk/login/?next={NEW}"
    assert not Session.objects.exists()


def test_who_was_deactivated_stores_nothing() -> None:
    user = associate()
    browser = signed_out(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    browser.post(NEW, {"title": "x"})
    assert not Session.objects.exists()


def test_a_form_sent_without_a_session_comes_back_after_signing_in() -> None:
    user = associate(password=PASSWORD)
    browser = signed_out(user)
    typed = {"title": "Typed for an hour", "description": "line one\nline two", "severity": "HIGH"}
    answer = browser.post(NEW, typed)
    assert answer.headers["Location"] == f"/desk/login/?next={NEW}"
    answer = browser.post("/desk/login/", {"email": user.email, "password": PASSWORD, "next": NEW})
    assert answer.headers["Location"] == NEW
    page = browser.get(NEW).content.decode()
    assert "Typed for an hour" in page
    assert "line one\nline two" in page
    assert "Typed for an hour" not in browser.get(NEW).content.decode()


@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender", None])
def test_who_looks_ahead_takes_nothing_of_what_was_typed(purpose: str | None) -> None:
    user = associate(password=PASSWORD)
    browser = signed_out(user)
    browser.post(NEW, {"title": "Typed for an hour"})
    sign_in(browser, user)
    if purpose is None:
        assert browser.head(NEW).status_code == 200
    else:  # what was fetched ahead may be what is shown
        assert "Typed for an hour" in browser.get(NEW, headers={"Sec-Purpose": purpose}).content.decode()
    assert "Typed for an hour" in browser.get(NEW).content.decode()
    assert "Typed for an hour" not in browser.get(NEW).content.decode()


def test_htmx_is_led_to_sign_in_as_a_whole_page() -> None:
    answer = Client().get(
        "/desk/tickets/", headers={"HX-Request": "true", "HX-Current-URL": "http://x/desk/tickets/?q=a"}
    )
    assert answer.headers["HX-Redirect"] == "/desk/login/?next=/desk/tickets/%3Fq%3Da"
    assert answer.content == b""


@pytest.mark.parametrize("address", ["http://[", "//[x", ""])
def test_a_page_that_has_no_address_is_led_to_sign_in_all_the_same(address: str) -> None:
    answer = Client().get("/desk/tickets/", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/desk/login/?next=")


@pytest.mark.parametrize("key", ["\0" * 32, "\0aaaaaaaaaaa", "é" * 32, "a" * 5000, "x" * 31 + "'"])
def test_a_session_that_cannot_be_ours_is_none(key: str) -> None:
    """Also for the page that tells of an error, which asks who is signed in."""
    browser = Client()
    browser.cookies["sessionid"] = key
    for path, status in (("/desk/tickets/", 302), ("/desk/login/", 200), ("/admin/", 302), ("/desk/none/", 404)):
        assert browser.get(path).status_code == status
        browser.cookies["sessionid"] = key
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/desk/inbox/count/"), ("GET", "/desk/tickets/similar/"), ("POST", "/desk/triage/suggestion/")],
)
def test_what_a_page_asks_for_by_itself_tears_nobody_away(method: str, path: str) -> None:
    browser = Client()
    answer = browser.generic(method, path, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.content == b""
    assert "HX-Redirect" not in answer
    assert browser.generic(method, path).headers["Location"].startswith("/desk/login/?next=/desk/")


def test_a_review_sent_without_a_session_comes_back_to_its_ticket() -> None:
    user, draft = manager(password=PASSWORD), ticket()
    browser = signed_out(user)
    page = f"/desk/tickets/{draft.ticket_number}/"
    typed = {"decision": "HIGH", "reason": "Typed for <long>", "version": "1"}
    sign_in = browser.post(f"{page}review/?list=status%3DDRAFT&at=0", typed).headers["Location"]
    assert "what you typed is there again" in browser.get(sign_in).content.decode()
    after = unquote(sign_in.partition("next=")[2])
    signed_in = browser.post("/desk/login/", {"email": user.email, "password": PASSWORD, "next": after})
    answer = browser.get(signed_in.headers["Location"], follow=True)
    assert answer.request["PATH_INFO"] == page
    assert "Typed for &lt;long&gt;" in answer.content.decode()
    assert 'value="HIGH" checked' in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "DRAFT"
    assert "Typed for" not in browser.get(page).content.decode()


def test_an_edit_sent_without_a_session_comes_back_to_its_form() -> None:
    user = associate(password=PASSWORD)
    browser = signed_out(user)
    sent_back = ticket("REVIEW", author=user)
    page = f"/desk/tickets/{sent_back.ticket_number}/edit/"
    browser.post(page, {"title": "Much better", "description": "line\r\nline", "version": "1"})
    browser.post("/desk/login/", {"email": user.email, "password": PASSWORD, "next": page})
    answer = browser.get(page).content.decode()
    assert "Much better" in answer
    assert 'name="version" value="1"' in answer


@pytest.mark.parametrize("where", ["delete/", "restore/", "review/"])
def test_an_address_for_forms_leads_to_the_ticket(where: str) -> None:
    browser, draft = Client(), ticket()
    browser.force_login(manager())
    page = f"/desk/tickets/{draft.ticket_number}/"
    assert browser.get(f"{page}{where}?list=&at=0").headers["Location"] == f"{page}?list=&at=0"


def test_a_form_that_is_too_long_is_not_kept() -> None:
    browser = signed_out(associate())
    browser.post(NEW, {"title": "x", "description": "y" * 500_000})
    assert "kept_form" not in browser.session


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


def test_a_password_is_never_repeated() -> None:
    user, browser = associate(password=PASSWORD), Client(enforce_csrf_checks=True)
    browser.force_login(user)
    typed = {"old_password": PASSWORD, "new_password1": "quite a secret", "new_password2": "quite a secret"}
    answer = browser.post("/desk/preferences/password/", typed, headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    assert "secret" not in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert "Open the page again" in answer.content.decode()
