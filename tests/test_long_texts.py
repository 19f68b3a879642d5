"""Whatever field a long text is sent in, the answer takes little of the processor's time."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.long_texts import TEXTS, little_time
from tests.support.pages import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # it is judged before the database is asked

# Those that are worst for most; `--long` takes all.
WORST = ("two runs of marks", "one Hangul vowel", "a link with brackets")
IN_ADDRESSES = 2000  # characters; servers refuse longer ones
ATTEMPTS = {"email": "a@example.com", "password": "x"}


@pytest.fixture
def desks() -> dict[str, Any]:
    author, boss = factories.associate(), factories.manager()
    return {
        "nobody": Desk(),
        "author": Desk(author),
        "boss": Desk(boss),
        "api": ApiClient(boss),
        "stranger": ApiClient(),
    }


def requests(text: str, desks: dict[str, Any], number: str, id: str) -> dict[str, Any]:
    """Each way in for a text, under a name."""
    short = quote(text[:IN_ADDRESSES])
    new = {"title": text, "description": text, "due_date": text, "severity": text, "key": text}
    review = {"decision": text, "reason": text, "version": text}
    return {
        "sign-in over REST": lambda: desks["stranger"].post("/auth/login", ATTEMPTS | {"email": text}),
        "sign-in": lambda: desks["nobody"].post("/desk/login/", ATTEMPTS | {"email": text, "next": text}),
        "lost password": lambda: desks["nobody"].post("/desk/password/", {"email": text}),
        "create over REST": lambda: desks["api"].post(
            "/tickets", {"title": text, "description": text, "dueDate": text}
        ),
        "unknown fields": lambda: desks["api"].post("/tickets", {text: text, "severity": text}),
        "edit over REST": lambda: desks["api"].patch(f"/tickets/{id}", {"title": text}),
        "review over REST": lambda: desks["api"].patch(
            f"/tickets/{id}/review", {"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": text}
        ),
        "comment over REST": lambda: desks["api"].post(f"/tickets/{id}/comments", {"text": text[:10_000]}),
        "suggest over REST": lambda: desks["api"].post("/ai/severity-suggestion", {"title": text, "description": text}),
        "list over REST": lambda: desks["api"].get(
            f"/tickets?q={short[:3000]}&sort={short}&createdBy={short}&dueBefore={short}&page={short}"
        ),
        "search over REST": lambda: desks["api"].get(f"/tickets?q={quote(text[:1000])}"),
        "search": lambda: desks["boss"].get(f"/desk/tickets/?q={quote(text[:1000])}"),
        "list": lambda: desks["boss"].get(f"/desk/tickets/?q={short}&createdFrom={short}&status={short}"),
        "download": lambda: desks["boss"].get(f"/desk/tickets/download/?q={quote(text[:1000])}"),
        "new ticket": lambda: desks["author"].post("/desk/tickets/new/", new),
        "look": lambda: desks["author"].post("/desk/tickets/new/", new | {"look": "1"}),
        "suggest": lambda: desks["author"].post("/desk/triage/suggestion/", new),
        "similar": lambda: desks["author"].get(f"/desk/tickets/similar/?title={short}"),
        "edit": lambda: desks["author"].post(f"/desk/tickets/{number}/edit/", new | {"version": "1"}),
        "comment": lambda: desks["author"].post(f"/desk/tickets/{number}/comments/", {"text": text[:10_000]}),
        "comment that is refused": lambda: desks["boss"].post(
            f"/desk/tickets/{number}/comments/?comment={short}&part={short}", {"text": text, "key": text}
        ),
        "preview": lambda: desks["author"].post("/desk/comments/preview/", {"text": text[:10_000]}),
        "review": lambda: desks["boss"].post(f"/desk/tickets/{number}/review/", review),
        "save a view": lambda: desks["boss"].post("/desk/tickets/views/", {"name": text, "query": text}),
        "bulk": lambda: desks["boss"].post("/desk/tickets/bulk/", {"ticket": text, "action": text, "list": text}),
        "preferences": lambda: desks["author"].post("/desk/preferences/", {"time_zone": text, "theme": text}),
        "another number": lambda: desks["boss"].get(f"/desk/tickets/{short}/"),
        "another address": lambda: desks["boss"].get(f"/desk/{short}"),
        "quality": lambda: desks["boss"].get(f"/desk/triage/?month={short}&model={short}"),
    }


def test_no_field_takes_long(desks: dict[str, Any], long_run: bool) -> None:
    ticket = factories.ticket("REVIEW", description=TEXTS["two runs of marks"])
    place = {"number": ticket.ticket_number, "id": str(ticket.pk)}
    for send in requests("x", desks, **place).values():
        send()  # what only the first request of a process costs
    for name, text in TEXTS.items():
        if long_run or name in WORST:
            for way, send in requests(text, desks, **place).items():
                with little_time(what=f"{way}: {name}"):
                    assert send().status_code < 500, (way, name)


@pytest.mark.parametrize("path", ["tickets/ticket", "tickets/historyentry", "accounts/user", "accounts/auditentry"])
@pytest.mark.parametrize("query", ["a " * 2000, "x" * 4000, "'" * 3000, "\u0301\u0316" * 1000], ids=range(4))
def test_the_search_of_the_admin_takes_texts_of_any_length(path: str, query: str) -> None:
    desk = Desk(factories.manager(is_staff=True))
    desk.text(f"/admin/{path}/")
    with little_time():
        assert desk.get(f"/admin/{path}/?q={quote(query)}").status_code == 200
