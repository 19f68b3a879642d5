"""Requests that no honest client sends: each gets its 4xx, as JSON in the one error shape, and never a 500."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support import factories
from tests.support.client import ApiClient, assert_error, shared_handler
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {
    "title": "No network",
    "description": "Since nine o'clock.",
    "dueDate": "2026-12-24T09:30:00.000Z",
    "severity": "HIGH",
}
ENDPOINTS = {
    "/auth/login": ["POST"],
    "/auth/me": ["GET"],
    "/tickets": ["GET", "POST"],
    "/tickets/{id}": ["GET", "PATCH", "DELETE"],
    "/tickets/{id}/review": ["PATCH"],
    "/tickets/{id}/restore": ["POST"],
    "/tickets/{id}/history": ["GET"],
    "/tickets/{id}/comments": ["GET", "POST"],
    "/tickets/{id}/attachments": ["GET", "POST"],
    "/events": ["GET"],
    "/csv/export/pending": ["GET"],
    "/csv/auto-process": ["POST"],
    "/csv/import": ["POST"],
    "/automation/run-now": ["POST"],
    "/automation/nightly": ["POST"],
    "/ai/severity-suggestion": ["POST"],
    "/docs": ["GET"],
    "/docs-json": ["GET"],
}


# --- Addresses and methods


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/nothing/",
        "/tickets/x/y",
        "/tickets//",
        "/tickets//history",
        "/Tickets",
        "/auth",
        "/auth/login/x",
        "/auth/login//",
        "/tickets.json",
        "/api/tickets",
        "/docs-json.yaml",
        "/index.php?x=1",
        "/%00",
        "/%FF%FE",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/../etc/passwd",
        "/" + "x" * 8000,
        "/" + "a/" * 500,
        "/tickets;x=1",
        "/<script>alert(1)</script>",
        "/healthz/x",
        "/é",
    ],
    ids=range(23),
)
def test_an_unknown_path_is_404_in_json(path: str) -> None:
    for sender in (ApiClient(), ApiClient(factories.associate())):
        for method in ("GET", "POST", "DELETE"):
            assert_error(sender.send(method, path), 404, "not_found")


@pytest.mark.parametrize(("path", "allowed"), ENDPOINTS.items(), ids=ENDPOINTS.keys())
def test_a_wrong_method_is_405_in_json_and_names_the_right_ones(
    client: ApiClient, draft: Ticket, path: str, allowed: list[str]
) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"):
        if method in allowed:
            continue
        response = client.send(method, path.format(id=draft.pk), "{not json")
        assert_error(response, 405, "method_not_allowed")
        assert set(allowed) <= set(response["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize("path", [path for path, methods in ENDPOINTS.items() if "GET" in methods])
def test_head_is_get_without_a_body(client: ApiClient, draft: Ticket, path: str) -> None:
    path = path.format(id=draft.pk)
    get, head = client.get(path), client.send("HEAD", path)
    get.getvalue()  # an export, to its end
    assert (head.status_code, head["Content-Type"]) == (200, get["Content-Type"])
    assert b"".join(head) == b""


@pytest.mark.parametrize(
    "path", ["/tickets", "/tickets/{id}", "/tickets/{id}/history", "/events", "/auth/me", "/docs-json", "/healthz"]
)
def test_one_trailing_slash_is_tolerated_without_redirect(client: ApiClient, draft: Ticket, path: str) -> None:
    path = path.format(id=draft.pk)
    plain, slashed = client.get(path), client.get(f"{path}/")
    assert (slashed.status_code, slashed.content) == (200, plain.content)
    assert client.get(f"{path}//").status_code == 404


def test_one_trailing_slash_is_tolerated_with_a_body_and_a_query(client: ApiClient) -> None:
    assert client.post("/tickets/", NEW).status_code == 201
    assert client.get("/tickets/?q=network").json()["total"] == 1
    assert_error(client.post("/auth/login/", {"email": "x@example.com", "password": "x"}), 401, "invalid_credentials")


MALFORMED_IDS = [
    "1",
    "x",
    "null",
    "undefined",
    "me",
    "TKT-2026-000001",
    "%00",
    "00000000-0000-4000-8000-00000000000",
    "00000000-0000-4000-8000-0000000000000",
    "00000000000040008000000000000000",
    "%7B00000000-0000-4000-8000-000000000000%7D",
    "urn:uuid:00000000-0000-4000-8000-000000000000",
    "0000000g-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-000000000000%0A",
    "%2000000000-0000-4000-8000-000000000000",
    "%EF%BC%90%EF%BC%900000000-0000-4000-8000-000000000000"[:60],
    "' OR 1=1 --",
    "../../etc/passwd"[:2],
    "x" * 5000,
    "%ED%A0%80",
    "%F0%9F%A6%94",
]


@pytest.mark.parametrize("ticket_id", MALFORMED_IDS, ids=range(len(MALFORMED_IDS)))
def test_a_malformed_id_is_404(client: ApiClient, ticket_id: str) -> None:
    for method, path, body in [
        ("GET", "/tickets/{id}", None),
        ("PATCH", "/tickets/{id}", {"title": "x"}),
        ("DELETE", "/tickets/{id}", None),
        ("GET", "/tickets/{id}/history", None),
        ("GET", "/tickets/{id}/attachments", None),
        ("POST", "/tickets/{id}/restore", None),
        ("POST", "/tickets/{id}/comments", {"text": "x"}),
        ("PATCH", "/tickets/{id}/review", {"action": "APPROVE"}),
    ]:
        response = client.send(method, path.format(id=ticket_id), body)
        assert_error(response, 404, "ticket_not_found", "Ticket not found")


def test_an_id_in_capitals_is_the_same_id(client: ApiClient, draft: Ticket) -> None:
    assert client.get(f"/tickets/{str(draft.pk).upper()}").json()["id"] == str(draft.pk)


# --- Headers and parameters that must not matter


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "image/*", "*/*;q=0", "", "application/json;v=9", "é"]
)
def test_accept_and_format_are_ignored(client: ApiClient, accept: str) -> None:
    for path in ("/tickets", "/auth/me", "/docs-json"):
        response = client.get(f"{path}?format=xml", headers={"Accept": accept})
        assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, "application/json")
    assert_error(client.get("/tickets/x?format=html", headers={"Accept": accept}), 404, "ticket_not_found")
    assert_error(client.get("/nothing?format=html", headers={"Accept": accept}), 404, "not_found")


def test_method_overrides_are_ignored(client: ApiClient, draft: Ticket) -> None:
    client.get(f"/tickets/{draft.pk}", headers={"X-HTTP-Method-Override": "DELETE"})
    client.get(f"/tickets/{draft.pk}?_method=DELETE")
    draft.refresh_from_db()
    assert draft.deleted_at is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "localhost.evil.com",
        "127.0.0.1.nip.io",
        "[",
        "a b",
        "",
        "x" * 300,
        "é.com",
        "localhost:99x9",
        "@",
        "0.0.0.0",
    ],
)
@pytest.mark.parametrize("path", ["/tickets", "/auth/login", "/nothing", "/docs-json"])
def test_a_foreign_host_is_refused_and_told_the_variable(client: ApiClient, path: str, host: str) -> None:
    response = client.get(path, HTTP_HOST=host)
    if host == "":  # then the server's own name counts
        assert response.status_code in (200, 400, 404, 405)
        return
    assert "ALLOWED_HOSTS" in assert_error(response, 400, "host_not_allowed")["message"]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "desk.localhost", "LOCALHOST"]
)
def test_loopback_names_are_always_served(client: ApiClient, host: str) -> None:
    assert client.get("/auth/me", HTTP_HOST=host).status_code == 200


def test_a_forwarded_host_is_not_believed(client: ApiClient) -> None:
    assert client.get("/auth/me", HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="evil.example.com").status_code == 200
    assert_error(
        client.get("/auth/me", HTTP_HOST="evil.example.com", HTTP_X_FORWARDED_HOST="localhost"), 400, "host_not_allowed"
    )


# --- Where the earlier service answered 500


def test_what_the_earlier_service_stumbled_over(client: ApiClient, draft: Ticket) -> None:
    review = f"/tickets/{draft.pk}/review"
    long = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": "x" * 600}
    assert_error(client.get("/tickets/not-a-uuid"), 404, "ticket_not_found", "Ticket not found")
    for query in ("status=FOO", "page=0", "pageSize=abc", "q=%00"):
        assert_error(client.get(f"/tickets?{query}"), 400, "invalid_input")
    assert_error(client.post("/tickets", {**NEW, "title": "\x00"}), 400, "invalid_input")
    assert_error(client.patch(review, long), 400, "invalid_input")
    assert_error(client.post("/csv/import"), 400, "invalid_csv", "Empty or invalid CSV")
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    for junk in (b'id,status\n"unclosed,OPEN\n', bytes(range(256)) * 40):
        response = client.send(
            "POST", "/csv/import", head + junk + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x"
        )
        assert_error(response, 400, "invalid_csv", "Empty or invalid CSV")


def test_an_error_of_ours_is_json_too(settings: Any) -> None:
    """A view that breaks, under the product's own handlers."""
    settings.ROOT_URLCONF = "tests.support.broken_urls"
    broken = Client(raise_request_exception=False)
    broken.handler = shared_handler()
    response = broken.get("/broken")
    assert response.status_code == 500
    assert response.json() == {
        "statusCode": 500,
        "error": "Internal Server Error",
        "code": "internal_error",
        "message": "Something went wrong on our side. It has been logged.",
    }
