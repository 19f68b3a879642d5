"""Hostile requests through all of the middleware: no 5xx, no HTML where there is an API, nothing smuggled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import django.test.client
import pytest

from config.site.tolerant_request import TolerantRequest
from tests.support.databases.modules import made_for_a_module
from tests.support.grid.answers import is_json
from tests.support.grid.desk import Answered, GridDesk
from tests.support.hostile.requests import KINDS, Hostile, hostile
from tests.support.hostile.words import ID

pytestmark = pytest.mark.django_db
desk = made_for_a_module(GridDesk)

SHORT, LONG = 510, 5_100  # requests in all
# What a refusal leaves behind: a sign-in that failed, a file that could not be imported.
MEANT = {"accounts_signinfailure", "accounts_failedsignins", "csvsync_run"}
PAGES = ("/desk/", "/admin/", "/static/", "/docs", "/favicon")


@pytest.fixture(autouse=True)
def _requests_as_the_server_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's test client makes those that its own server would."""
    monkeypatch.setattr(django.test.client, "WSGIRequest", TolerantRequest)


def ask(desk: GridDesk, request: Hostile) -> Answered:
    draft, sent_back = (desk.tickets["author"][state] for state in ("DRAFT", "REVIEW"))
    assert draft
    assert sent_back
    path = request.path
    words = {"ticket": draft.pk, "sent_back": sent_back.pk, "run": desk.runs["run"].pk, "number": draft.ticket_number}
    for word, value in words.items():
        path = path.replace(f"{{{word}}}", str(value))
    body = request.body.replace(ID.encode(), str(draft.pk).encode()) if path == "/tickets/bulk" else request.body
    if path.startswith(PAGES):
        return desk.page_as_it_is("chief", request.method, path, body, request.content_type, headers=request.headers)
    return desk.api("chief", request.method, path, body, content_type=request.content_type, headers=request.headers)


def problem(request: Hostile, answered: Answered) -> str:
    """What is wrong with an answer, in words."""
    if answered.status >= 500:
        return "a server error"
    if request.refused and answered.status < 400:
        return "it was not refused"
    if answered.status >= 400 and (written := set(answered.wrote) - MEANT):
        return f"refused, and has written {written}"
    if request.method == "GET" and request.path.startswith("/tickets/") and answered.wrote:
        return f"reading has written {answered.wrote}"
    if request.path.startswith(PAGES):
        return ""
    if answered.status < 300:
        kind = answered.response.headers.get("Content-Type", "")
        return "" if kind.startswith(("application/json", "text/csv", "text/html")) else f"it is {kind}"
    return shape(answered) if answered.status >= 400 else ""


def shape(answered: Answered) -> str:
    """What is wrong with an error of the API."""
    if not is_json(answered):
        return f"no JSON: {answered.response.headers.get('Content-Type')} {answered.text[:80]}"
    body: dict[str, Any] = answered.response.json()
    names = set(body) - {"fields"} - ({"ticket"} if answered.status == 412 else set())
    if names != {"statusCode", "error", "code", "message"} or body["statusCode"] != answered.status:
        return f"not the shape of an error: {body}"
    return ""


def found(desk: GridDesk, kind: Callable[[Random], Hostile], count: int) -> Iterator[str]:
    for request in hostile(kind, count):
        with desk.undone():
            answered = ask(desk, request)
            if wrong := problem(request, answered):
                yield f"{wrong} ({answered.status}): {request}"


@pytest.mark.parametrize("kind", dict.fromkeys(KINDS), ids=lambda kind: kind.__name__)
def test_hostile_requests_are_answered_in_good_order(
    kind: Callable[[Random], Hostile], desk: GridDesk, long_run: bool
) -> None:
    share = KINDS.count(kind) * (LONG if long_run else SHORT) // len(KINDS)
    assert list(found(desk, kind, share)) == []
