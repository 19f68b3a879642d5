"""Bodies that no honest client sends, and ways to send honest ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # it is judged before the database is asked

NEW: dict[str, Any] = {
    "title": "No network",
    "description": "Since nine o'clock.",
    "dueDate": "2026-12-24T09:30:00.000Z",
    "severity": "HIGH",
}
JSON_BODIES = [
    ("POST", "/auth/login"),
    ("POST", "/tickets"),
    ("PATCH", "/tickets/{id}"),
    ("PATCH", "/tickets/{id}/review"),
    ("POST", "/ai/severity-suggestion"),
]


# --- Bodies


MALFORMED = [
    b"{",
    b"}",
    b"{]",
    b"x",
    b"nul",
    b"'single'",
    b"{'title': 'x'}",
    b'{"title": "x",}',
    b'{"title" "x"}',
    b'{"title": undefined}',
    b'{"title": NaN}',
    b'{"title": Infinity}',
    b'{"title": -Infinity}',
    b'{"title": 1e999}',
    b'{"title": 01}',
    b'{"title": "\\ud800"}',
    b'{"title": "\\udfff x"}',
    b'{"title": "\\ud800\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"title": "\\x41"}',
    b'{"title": "\x00"}',
    b'{"title": "a\nb"}',
    b'{"title": "\xff"}',
    b'{"title": "\xed\xa0\x80"}',
    b'{"title": "\xc0\x80"}',
    b"\xff\xfe{\x00}\x00",
    b"\x00",
    b'{"title": "x"} {"title": "y"}',
    b"title=x",
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b"\x1f\x8b\x08\x00",
    b"<xml/>",
    b"PK\x03\x04",
]


@pytest.mark.parametrize(("method", "path"), JSON_BODIES, ids=[path for _, path in JSON_BODIES])
@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_json_is_refused(client: ApiClient, draft: Ticket, method: str, path: str, body: bytes) -> None:
    assert_error(client.send(method, path.format(id=draft.pk), body), 400, "malformed_body")


NO_OBJECTS = [
    "[]",
    "[1]",
    '[{"title": "x"}]',
    "null",
    "true",
    "1",
    "1.5",
    '"x"',
    '""',
    "1" * 300,
    "[" * 500 + "]" * 500,
]


@pytest.mark.parametrize(("method", "path"), JSON_BODIES, ids=[path for _, path in JSON_BODIES])
@pytest.mark.parametrize("body", NO_OBJECTS, ids=range(len(NO_OBJECTS)))
def test_json_that_is_no_object_is_refused(client: ApiClient, draft: Ticket, method: str, path: str, body: str) -> None:
    answer = assert_error(client.send(method, path.format(id=draft.pk), body), 400, "invalid_input")
    assert list(answer["fields"]) == ["body"]


ODD_OBJECTS = [
    "{}",
    '{"": ""}',
    '{"\\u0000": "\\u0000"}',
    '{"title": "\\u0000", "description": "\\u0000", "email": "\\u0000", "password": "\\u0000", "action": "\\u0000"}',
    '{"title": 123456789012345678901234567890, "action": 1e300, "email": 9007199254740993}',
    '{"title": -0, "action": false, "email": [[[[]]]], "description": {"a": {"b": []}}}',
    '{"title": "x", "title": ["x"], "title": {}}',
    '{"__proto__": {"status": "CLOSED"}, "constructor": 1}',
    '{"id": 1, "pk": 2, "status": "CLOSED", "created_by": "x", "user": null}',
    json.dumps({f"field{n}": n for n in range(20_000)}),
    '{"' + "k" * 100_000 + '": 1}',
    '{"action": "APPROVE", "newSeverity": {"a": [1]}, "severityChangeReason": 1e300, "x": 1}',
    '{"%s": "{fields}", "{0}": "%(message)s"}',
]


@pytest.mark.parametrize(("method", "path"), JSON_BODIES, ids=[path for _, path in JSON_BODIES])
@pytest.mark.parametrize("body", ODD_OBJECTS, ids=range(len(ODD_OBJECTS)))
def test_an_odd_object_is_refused(client: ApiClient, draft: Ticket, method: str, path: str, body: str) -> None:
    assert_error(client.send(method, path.format(id=draft.pk), body), 400, "invalid_input")


def test_of_very_many_unknown_fields_some_are_named(client: ApiClient) -> None:
    """Naming each would cost whoever is asked far more than whoever asks."""
    answer = assert_error(client.post("/tickets", {f"field{n}": n for n in range(100_000)}), 400, "invalid_input")
    unknown = [name for name, texts in answer["fields"].items() if texts == ["Unknown field."]]
    assert unknown == [f"field{n}" for n in range(20)]


def test_an_unknown_field_hides_nothing_else_that_is_wrong(client: ApiClient) -> None:
    body = {"title": "", "description": "x", "dueDate": "2030-01-31T17:00:00Z", "severity": "low", "foo": 1}
    answer = assert_error(client.post("/tickets", body), 400, "invalid_input")
    assert set(answer["fields"]) == {"foo", "title", "severity"}
    assert answer["fields"]["severity"] == ["Write one of EASY, LOW, MEDIUM, HIGH, VERY_HIGH."]


@pytest.mark.parametrize(("method", "path"), JSON_BODIES, ids=[path for _, path in JSON_BODIES])
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/csv",
        "application/xml",
        "application/octet-stream",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json-patch+json",
        "application/jsonx",
        "application",
        "/",
        "*/*",
        "é",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/json; charset=nonsense",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/json, text/plain",
    ],
)
def test_another_content_type_is_415(
    client: ApiClient, draft: Ticket, method: str, path: str, content_type: str
) -> None:
    response = client.send(method, path.format(id=draft.pk), json.dumps(NEW), content_type=content_type)
    assert_error(response, 415, "unsupported_media_type")


def test_a_body_without_content_type_is_415(client: ApiClient) -> None:
    assert_error(client.send("POST", "/tickets", json.dumps(NEW), content_type=""), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; charset=utf8",
        "application/json ; odata=verbose",
        "application/json;",
    ],
)
def test_ways_to_say_json(client: ApiClient, content_type: str) -> None:
    body = json.dumps({**NEW, "title": "não"}, ensure_ascii=False).encode()
    response = client.send("POST", "/tickets", body, content_type=content_type)
    assert (response.status_code, response.json().get("title")) == (201, "não")


def test_no_body_at_all_is_a_body_without_fields(client: ApiClient, draft: Ticket) -> None:
    for method, path in JSON_BODIES:
        for content_type in ("", "application/json", "text/plain"):
            response = client.send(method, path.format(id=draft.pk), b"", content_type=content_type)
            assert_error(response, 400, "invalid_input")


# --- Forms

FORM = "application/x-www-form-urlencoded"


def test_a_form_is_as_good_as_json(client: ApiClient) -> None:
    good = b"title=N%C3%A3o+imprime&description=a%0Ab&dueDate=2026-12-24T09%3A30%3A00Z&severity=LOW"
    answer = client.send("POST", "/tickets", good, content_type=FORM)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["title"], made["description"], made["severity"]) == ("Não imprime", "a\nb", "LOW")
    review = client.send(
        "PATCH",
        f"/tickets/{factories.ticket(severity='LOW').pk}/review",
        b"action=CHANGE_SEVERITY&newSeverity=HIGH&severityChangeReason=because",
        content_type=f"{FORM}; charset=UTF-8",
    )
    assert (review.status_code, review.json()["status"]) == (200, "REVIEW")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_input"),
        (b"title", "invalid_input"),
        (b"&&&", "invalid_input"),
        (b"=x", "invalid_input"),
        (b"title=x", "invalid_input"),
        (b"title=%00&description=%00&dueDate=%00&severity=%00", "invalid_input"),
        (b"title=%ED%A0%80&severity=FOO", "invalid_input"),
        (b"title=\xff\xfe", "invalid_input"),
        (b"title=%FF%zz%", "invalid_input"),
        (json.dumps(NEW).encode(), "invalid_input"),
        (b"title=x&description=y&dueDate=2026-01-01&severity=LOW&status=CLOSED", "invalid_input"),
        (b"title=x&description=y&dueDate=2026-01-01&severity=", "invalid_input"),
        (b"a=1&" * 5000, "bad_request"),
        (b"title=" + b"x" * 1000, "invalid_input"),
    ],
    ids=range(14),
)
def test_a_bad_form_is_refused(client: ApiClient, body: bytes, code: str) -> None:
    assert_error(client.send("POST", "/tickets", body, content_type=FORM), 400, code)
    assert not Ticket.objects.exists()


# --- Size


@pytest.mark.parametrize("content_type", ["application/json", FORM, "text/plain", ""])
@pytest.mark.parametrize("path", ["/tickets", "/auth/login", "/tickets/x/review", "/nothing"])
def test_an_oversized_body_is_413(client: ApiClient, path: str, content_type: str) -> None:
    body = b'{"title": "' + b"x" * 3_000_000 + b'"}'
    assert_error(client.send("POST", path, body, content_type=content_type), 413, "too_large")


def test_a_claimed_size_is_enough_to_be_refused(client: ApiClient) -> None:
    for claimed in ("99999999999", "9" * 30):
        response = client.send("POST", "/tickets", b"{}", CONTENT_LENGTH=claimed)
        assert_error(response, 413, "too_large")


def test_the_longest_description_fits_however_it_is_escaped(client: ApiClient) -> None:
    escaped = json.dumps({**NEW, "description": "🦔" * 100_000})
    assert len(escaped) > 1_200_000
    assert client.send("POST", "/tickets", escaped).status_code == 201


@pytest.mark.parametrize("length", ["", "-1", "x", "1e3", "٣"])
def test_an_odd_content_length_is_no_server_error(client: ApiClient, length: str) -> None:
    response = client.send("POST", "/tickets", json.dumps(NEW), CONTENT_LENGTH=length)
    assert response.status_code in (201, 400)
