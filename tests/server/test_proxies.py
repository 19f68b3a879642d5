"""The desk behind proxies as they are found: one that drops the port, one that nobody has named."""

from __future__ import annotations

import http.client
import re
from contextlib import closing
from http.cookies import SimpleCookie
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client, override_settings

from config import env
from config.site import proxies
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.pages import words
from tests.support.patience import PATIENCE
from tests.support.server import running_server, server_environment

pytestmark = pytest.mark.django_db

FROM_TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}


@pytest.fixture(autouse=True)
def _nothing_said_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxies, "_named", set())


@pytest.fixture
def _https(settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    settings.ALLOWED_HOSTS = ["desk.example.com", "other.example.com", "localhost", "127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = True


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "config.site.proxies"]


# --- Outside: a server as it runs


def ask(server: str, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[Any, str]:
    with closing(http.client.HTTPConnection(server, timeout=PATIENCE)) as connection:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.one_database
def test_signing_in_behind_a_proxy_that_drops_the_port(database_url: str, production_hashing: None) -> None:
    person = factories.associate(password=factories.PASSWORD)
    environment = server_environment(database_url, PUBLIC_URL="http://intranet:8082")
    with running_server(environment) as address:
        server, host = urlsplit(address).netloc, {"Host": "intranet"}
        form, page = ask(server, "GET", "/desk/login/", host)
        cookie = SimpleCookie(form.headers["Set-Cookie"])["csrftoken"]
        token = re.search('csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        fields = {"email": person.email, "password": factories.PASSWORD, "next": ""}
        from_browser = {
            **host,
            "Origin": "http://intranet:8082",
            "Cookie": f"csrftoken={cookie.value}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        typed = urlencode({**fields, "csrfmiddlewaretoken": token[1]})
        signed_in, _page = ask(server, "POST", "/desk/login/", from_browser, typed)
        assert (signed_in.status, signed_in.headers["Location"]) == (302, "/desk/")
        foreign, _page = ask(server, "POST", "/desk/login/", {**from_browser, "Origin": "http://intranet:8083"}, typed)
        assert foreign.status == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.one_database
def test_a_tls_proxy_that_is_not_named_is_told_of_once(database_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    environment = server_environment(database_url, PUBLIC_URL="https://desk.example.com")
    headers = {"Host": "desk.example.com", "X-Forwarded-Proto": "https"}
    with running_server(environment) as address:
        for _attempt in range(10):
            answer, page = ask(urlsplit(address).netloc, "GET", "/desk/login/", headers)
            assert (answer.status, answer.headers["Location"]) == (400, None)
            assert "TRUSTED_PROXIES" in page
    said = [line for line in capfd.readouterr().err.splitlines() if "TRUSTED_PROXIES" in line]
    assert all("WARNING" in line and "TRUSTED_PROXIES=127.0.0.1" in line for line in said)
    assert 1 <= len(said) <= 2, "more than once in a process"


# --- Inside


@pytest.mark.usefixtures("_https")
@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Proto": "http, HTTPS"},
        {"X-Forwarded-Ssl": "on"},
        {"X-Forwarded-Scheme": "https"},
        {"Forwarded": "for=198.51.100.7;proto=https;host=desk.example.com"},
    ],
)
def test_whatever_way_the_proxy_says_https(header: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    client = ApiClient(fresh=True)
    for _attempt in range(2):
        answer = client.get("/tickets", headers={"Host": "desk.example.com", **header}, REMOTE_ADDR="10.1.1.1")
        assert "TRUSTED_PROXIES=10.1.1.1" in assert_error(answer, 400, "proxy_not_trusted")["message"]
    assert len(warnings(caplog)) == 1
    page = Client().get("/desk/", headers={"Host": "desk.example.com", **header}, REMOTE_ADDR="10.1.1.1")
    assert "HTTPS is set up only half-way" in words(page)


@pytest.mark.usefixtures("_https")
def test_a_proxy_that_does_not_say_how_it_was_asked_is_told_of(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.1.0.0/16")]
    host = {"Host": "desk.example.com"}
    for peer, headers in (("10.1.1.1", host), ("10.2.2.2", {**host, "X-Forwarded-For": "198.51.100.7"})):
        answer = ApiClient(fresh=True).get("/tickets", headers=headers, REMOTE_ADDR=peer)
        assert (answer.status_code, answer["Location"]) == (301, "https://desk.example.com/tickets")
        assert "X-Forwarded-Proto" in warnings(caplog)[-1]
        assert peer in warnings(caplog)[-1]


@pytest.mark.usefixtures("_https")
def test_who_comes_by_plain_http_is_led_on_without_a_word(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.1.0.0/16")]
    host = {"Host": "desk.example.com"}
    for peer, headers in (("192.0.2.1", host), ("10.1.1.1", {**host, "X-Forwarded-Proto": "http"})):
        answer = ApiClient(fresh=True).get("/tickets?q=a%20b", headers=headers, REMOTE_ADDR=peer)
        assert (answer.status_code, answer["Location"]) == (301, "https://desk.example.com/tickets?q=a%20b")
    assert warnings(caplog) == []


@pytest.mark.usefixtures("_https")
def test_strangers_cannot_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    for number in range(50):
        ApiClient(fresh=True).get(
            "/tickets", headers={"Host": "desk.example.com", **FROM_TLS}, REMOTE_ADDR=f"192.0.2.{number}"
        )
    assert len(warnings(caplog)) == 10


@pytest.mark.usefixtures("_https")
@pytest.mark.parametrize(
    ("public", "host", "leads_to"),
    [
        ("https://desk.example.com", "desk.example.com:8080", "desk.example.com"),
        ("https://desk.example.com:8443", "desk.example.com", "desk.example.com:8443"),
        ("https://desk.example.com:8443", "desk.example.com:8080", "desk.example.com:8443"),
        ("https://desk.example.com:8443", "127.0.0.1:8080", "desk.example.com:8443"),
        ("https://desk.example.com:8443", "localhost", "desk.example.com:8443"),
        ("https://desk.example.com:8443", "other.example.com", "other.example.com:8443"),
        ("https://desk.example.com", "other.example.com:8080", "other.example.com"),
    ],
)
def test_https_is_where_public_url_says(settings: Any, public: str, host: str, leads_to: str) -> None:
    settings.PUBLIC_URL = public
    answer = ApiClient(fresh=True).get("/tickets", headers={"Host": host})
    assert (answer.status_code, answer["Location"]) == (301, f"https://{leads_to}/tickets")


@pytest.mark.usefixtures("_https")
def test_a_foreign_host_is_led_nowhere() -> None:
    assert_error(ApiClient(fresh=True).get("/tickets", headers={"Host": "evil.example.com"}), 400, "host_not_allowed")


def test_a_form_of_an_earlier_sign_in_is_offered_again_where_the_port_is_lost(settings: Any) -> None:
    settings.PUBLIC_URL = "http://intranet:8082"
    settings.ALLOWED_HOSTS = ["intranet"]
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.associate())
    for origin, offered in (("http://intranet:8082", True), ("http://evil.example.com", False)):
        sent = client.post("/desk/tickets/new/", {"title": "x"}, headers={"Host": "intranet", "Origin": origin})
        assert sent.status_code == 403
        assert ("Send again" in words(sent)) is offered


@pytest.mark.parametrize(("target", "onward"), [("http://intranet:8082/desk/inbox/", True), ("http://x/desk/", False)])
def test_an_address_of_ours_is_ours_where_the_port_is_lost(settings: Any, target: str, onward: bool) -> None:
    settings.PUBLIC_URL = "http://intranet:8082"
    settings.ALLOWED_HOSTS = ["intranet"]
    person = factories.associate(password=factories.PASSWORD)
    fields = {"email": person.email, "password": factories.PASSWORD, "next": target}
    answer = Client().post("/desk/login/", fields, headers={"Host": "intranet"})
    assert answer.headers["Location"] == (target if onward else "/desk/")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("https://Desk.example.com:443/", "https://desk.example.com"),
        ("http://intranet:80", "http://intranet"),
        ("http://intranet:443", "http://intranet:443"),
        ("http://[2001:DB8::80]", "http://[2001:db8::80]"),
        ("https://bücher.example:8443", "https://xn--bcher-kva.example:8443"),
        ("https://Straße.example", "https://xn--strae-oqa.example"),
    ],
)
def test_addresses_are_read_as_browsers_write_them(monkeypatch: pytest.MonkeyPatch, value: str, written: str) -> None:
    monkeypatch.setenv("PUBLIC_URL", value)
    monkeypatch.setenv("CORS_ORIGIN", value)
    assert env.site("PUBLIC_URL", "http://localhost") == written
    assert env.origins("CORS_ORIGIN") == [written]


def test_without_https_nobody_is_led_anywhere() -> None:
    with override_settings(SECURE_SSL_REDIRECT=False):
        assert_error(ApiClient(fresh=True).get("/tickets", headers=FROM_TLS), 401, "unauthorized")
