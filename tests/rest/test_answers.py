"""What holds for every answer, of the API and of pages: HEAD, caches, compression, the icon, the message."""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.signing_in.tokens import issue_token
from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.pages import Desk
from tests.support.server import running_server, server_environment
from tickets.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # it is judged before the database is asked

NO_CACHE, NO_STORE = "private, no-cache", "no-store"


# --- The message of invalid input


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/auth/login", {"email": "a@example.com"}, "password"),
        ("GET", "/tickets?page=0", None, "page"),
        ("GET", "/tickets?status=FOO", None, "status"),
        ("GET", "/tickets?createdBy=x", None, "createdBy"),
        ("POST", "/ai/severity-suggestion", {"title": " ", "description": "d"}, "title"),
        ("POST", "/csv/import?dryRun=maybe", None, "dryRun"),
        ("POST", "/tickets", [], "body"),
    ],
)
def test_what_is_wrong_with_one_field_is_the_message_as_well(method: str, path: str, body: Any, field: str) -> None:
    options = {} if body is None else {"body": body}
    error = assert_error(ApiClient(factories.manager()).send(method, path, **options), 400, "invalid_input")
    assert set(error["fields"]) == {field}
    assert error["message"] == " ".join(error["fields"][field])
    assert "Check these fields" not in error["message"]


def test_several_fields_are_named() -> None:
    error = assert_error(ApiClient().post("/auth/login", {}), 400, "invalid_input")
    assert error["message"] == "Check these fields: email, password."


def test_messages_of_the_contract_stay_to_the_letter() -> None:
    client, draft = ApiClient(factories.manager()), factories.ticket("DRAFT")
    for review, code, message in (
        ({"action": "CHANGE_SEVERITY"}, "new_severity_required", "newSeverity is required"),
        (
            {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH"},
            "reason_required",
            "severityChangeReason is required",
        ),
    ):
        assert_error(client.patch(f"/tickets/{draft.pk}/review", review), 400, code, message)
    assert_error(client.post("/csv/import"), 400, "invalid_csv", "Empty or invalid CSV")


# --- Caches


@pytest.mark.parametrize(
    ("method", "path", "status", "control"),
    [
        ("GET", "/tickets", 200, NO_CACHE),
        ("GET", "/tickets?page=0", 400, NO_CACHE),
        ("GET", "/events", 200, NO_CACHE),
        ("GET", "/events?limit=0", 400, NO_CACHE),
        ("POST", "/tickets", 400, NO_CACHE),
        ("GET", "/tickets/x", 404, NO_CACHE),
        ("GET", "/nothing", 404, NO_CACHE),
        ("PUT", "/tickets", 405, NO_CACHE),
        ("GET", "/csv/runs", 200, NO_CACHE),
        ("GET", "/healthz", 200, NO_CACHE),
        ("GET", "/docs-json", 200, NO_CACHE),
        ("GET", "/auth/me", 200, NO_STORE),
        ("GET", "/auth/me/", 200, NO_STORE),
        ("POST", "/auth/login", 400, NO_STORE),
        ("GET", "/auth/login", 405, NO_STORE),
        ("GET", "/auth/nothing", 404, NO_STORE),
        ("GET", "/csv/export/pending", 200, NO_STORE),
        ("GET", "/csv/export?status=x", 400, NO_STORE),
        ("GET", "/csv/export/nothing", 404, NO_STORE),
    ],
)
def test_who_may_keep_an_answer(method: str, path: str, status: int, control: str) -> None:
    answer = ApiClient(factories.manager()).send(method, path)
    answer.getvalue()
    assert (answer.status_code, answer["Cache-Control"]) == (status, control)


@pytest.mark.parametrize(("path", "control"), [("/tickets", NO_CACHE), ("/csv/export/pending", NO_STORE)])
def test_refusals_say_so_too(path: str, control: str) -> None:
    assert ApiClient().get(path)["Cache-Control"] == control  # 401
    assert ApiClient().get(path, HTTP_HOST="foreign.example.com")["Cache-Control"] == control  # 400
    too_large = ApiClient().post(path, CONTENT_LENGTH="99999999")
    assert (too_large.status_code, too_large["Cache-Control"]) == (413, control)


@pytest.mark.parametrize(
    ("path", "control"),
    [
        ("/desk/", NO_CACHE),
        ("/desk/login/", NO_CACHE),
        ("/desk/nothing/", NO_CACHE),
        ("/desk/exchange/export/", NO_STORE),
    ],
)
def test_pages_say_so_too(path: str, control: str) -> None:
    answer = Desk(factories.manager()).get(path)
    answer.getvalue()
    assert answer["Cache-Control"] == control


def test_static_files_may_be_kept() -> None:
    icon = Desk().get("/static/icon.svg")
    assert icon.getvalue()
    assert "max-age" in icon["Cache-Control"]


def test_ready_is_one_flat_object_whatever_it_has_to_say() -> None:
    ready = ApiClient().get("/readyz").json()
    assert set(ready) - {"note"} == {"status", "database", "migrations", "storage", "lastSuccessfulCycle"}
    assert all(value is None or isinstance(value, str) for value in ready.values())
    assert ready["status"] == "ok"


# --- HEAD


def patterns(found: list[Any], prefix: str = "") -> Iterator[str]:
    """The routes of the whole site, without the admin's, which are Django's own."""
    for pattern in found:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if route != "admin/":
                yield from patterns(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield f"/{route}"


def addresses(user: User) -> list[str]:
    """Each route with the ids of things that are there."""
    ticket = factories.ticket("PENDING")
    ApiClient(user).get("/csv/export/pending").getvalue()
    run = str(Run.objects.get().pk)
    names = {"<str:number>": ticket.ticket_number, "<str:uidb64>": "x", "<str:token>": "y"}
    found = []
    for route in patterns(get_resolver().url_patterns):
        address = route.replace("<str:id>", str(ticket.pk) if route.startswith("/tickets") else run)
        for placeholder, value in names.items():
            address = address.replace(placeholder, value)
        found.append(address)
    return found


def test_head_is_answered_as_get_without_the_body() -> None:
    user = factories.manager()
    token, client = issue_token(user), Client(raise_request_exception=False)
    client.force_login(user)
    seen = addresses(user)
    assert {"/tickets", "/events", "/csv/export/pending", "/desk/tickets/", "/docs", "/favicon.ico"} <= set(seen)
    assert not any("<" in address for address in seen), seen
    for address in [*seen, "/healthz", "/readyz", "/static/icon.svg", "/nothing", "/desk/nothing/"]:
        got, asked = (
            getattr(client, method)(address, headers={"Authorization": f"Bearer {token}"}) for method in ("get", "head")
        )
        assert (address, asked.status_code) == (address, got.status_code)
        got.getvalue()  # to its end, which closes what it is read from
        assert asked.getvalue() == b"", address
        for header in ("Content-Type", "Cache-Control", "Location", "Allow", "ETag"):
            assert (address, asked.headers.get(header)) == (address, got.headers.get(header))


@pytest.mark.parametrize("path", ["/csv/export/pending", "/csv/export", "/desk/exchange/export/"])
def test_head_exports_nothing(path: str) -> None:
    user, client = factories.manager(), Client()
    client.force_login(user)
    asked = client.head(path, headers={"Authorization": f"Bearer {issue_token(user)}"})
    assert asked["Content-Disposition"].startswith('attachment; filename="pending_tickets_')
    assert "Content-Length" not in asked
    assert not Run.objects.exists()


def test_head_does_nothing() -> None:
    """HEAD does nothing even where an address does something for all methods but GET."""
    author = factories.manager()
    draft, client = factories.ticket("DRAFT", author=author), Client()
    client.force_login(author)
    for act in ("review", "edit", "delete", "restore"):
        client.head(f"/desk/tickets/{draft.ticket_number}/{act}/")
    assert list(HistoryEntry.objects.values_list("action", flat=True)) == ["created"]
    assert client.head("/desk/logout/").status_code == 405
    assert client.get("/desk/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.one_database
def test_over_the_wire(database_url: str) -> None:
    user = factories.manager()
    factories.ticket("PENDING")
    headers = {"Authorization": f"Bearer {issue_token(user)}"}
    environment = server_environment(database_url, JWT_SECRET=django_settings.JWT_SECRET)
    with running_server(environment) as address, closing(http.client.HTTPConnection(urlsplit(address).netloc)) as wire:
        # The server answers some of it before the desk is asked.
        wire.request("POST", "/auth/login", b"x" * 3_000_000, {"Content-Type": "application/json"})
        answer = wire.getresponse()
        assert (answer.status, answer.headers["Cache-Control"], answer.read()[:1]) == (413, NO_STORE, b"{")
        # One connection for all, which a stray byte of a body would spoil.
        for path in ("/tickets", "/csv/export/pending", "/desk/login/", "/healthz", "/docs", "/nothing", "/tickets"):
            wire.request("HEAD", path, headers=headers)
            answer = wire.getresponse()
            assert (path, answer.status, answer.read()) == (path, 404 if path == "/nothing" else 200, b"")
        wire.request("GET", "/tickets", headers=headers)
        answer = wire.getresponse()
        assert (answer.status, len(answer.read())) == (200, int(answer.headers["Content-Length"]))


# --- Compression


def compressed(path: str, user: User) -> Any:
    return ApiClient(user).get(path, headers={"Accept-Encoding": "gzip, deflate, br"})


def test_pages_are_compressed_when_asked() -> None:
    for _ in range(20):
        factories.ticket()
    client = Client(headers={"Accept-Encoding": "gzip, deflate, br"})
    client.force_login(factories.manager())
    page = client.get("/desk/tickets/")
    assert page["Content-Encoding"] == "gzip"
    assert {"Accept-Encoding", "Cookie", "HX-Target"} <= {name.strip() for name in page["Vary"].split(",")}
    assert int(page["Content-Length"]) == len(page.content)
    whole = gzip.decompress(page.content)
    assert b"TKT-" in whole
    assert len(page.content) < len(whole) / 4
    plain = client.get("/desk/tickets/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in plain["Vary"]
    # Of one page no two answers have the same length, so that nobody can guess its secrets by theirs (BREACH).
    assert len({len(client.get("/desk/login/", follow=True).content) for _ in range(10)}) > 1


def test_what_programs_read_is_sent_as_it_is() -> None:
    user = factories.manager()
    for _ in range(20):
        factories.ticket("PENDING")
    for path in ("/tickets", "/csv/export/pending"):
        answer = compressed(path, user)
        assert "Content-Encoding" not in answer
        assert b"TKT-" in answer.getvalue()


# --- The icon


def test_there_is_an_icon_where_browsers_look_for_one() -> None:
    asked = Client().get("/favicon.ico")
    assert asked.status_code == 302
    icon = Client().get(asked["Location"])
    assert icon.getvalue().startswith(b"<svg")
    assert (icon.status_code, icon["Content-Type"]) == (200, "image/svg+xml")
    client = Client()
    client.force_login(factories.manager(is_staff=True))
    for path in ("/desk/", "/admin/", "/docs"):
        assert 'rel="icon" href="/static/icon.svg"' in client.get(path).content.decode()
