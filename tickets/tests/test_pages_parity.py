"""What the API's table of moves says holds for the pages: the same row, the same history, the same refusal."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from tests.client import shared_handler
from tickets.models import Ticket
from tickets.tests.test_action_matrix import (
    ATTEMPTS,
    REFUSALS,
    ROLES,
    Attempt,
    arrange,
    changed_columns,
    combinations,
    everything,
    expected_changes,
)

MOVES = [name for name in ATTEMPTS if name not in ("read", "history")]
PATHS = {
    "/tickets/{id}/review": "/desk/tickets/{number}/review/",
    "/tickets/{id}/restore": "/desk/tickets/{number}/restore/",
}


def cases() -> list[Any]:
    return [case for case in combinations() if str(case.id).rsplit(" ", 2)[0] in MOVES]


def test_the_table_has_every_move() -> None:
    assert len(cases()) == 10 * 8 * 7


def form_of(attempt: Attempt, ticket: Ticket | None) -> tuple[str, dict[str, Any]]:
    """Where the page sends this attempt, and what its form holds."""
    number = ticket.ticket_number if ticket else "TKT-2026-999999"
    version = ticket.version if ticket else 1
    if attempt.method == "DELETE":
        return f"/desk/tickets/{number}/delete/", {}
    if attempt.path in PATHS:
        names = {"newSeverity": "severity", "severityChangeReason": "reason"}
        typed = {names.get(name, name): value for name, value in (attempt.body or {}).items()}
        return PATHS[attempt.path].format(number=number), {**typed, "version": version}
    texts = {"title": "t", "description": ticket.description if ticket else "d"}
    return f"/desk/tickets/{number}/edit/", {**texts, **(attempt.body or {}), "version": version}


@pytest.mark.django_db
@pytest.mark.parametrize(("attempt", "state", "actor", "answer"), cases())
def test_a_page_answers_as_the_api_does(attempt: Attempt, state: str, actor: str, answer: str) -> None:
    user, ticket_id = arrange(state, actor)
    path, typed = form_of(attempt, Ticket.objects.filter(pk=ticket_id).first())
    browser = Client()
    browser.handler = shared_handler()
    if user:
        browser.force_login(user)
    before = everything()

    response = browser.post(path, typed)

    if answer == "401":
        assert response.headers["Location"].startswith("/desk/login/?next=/desk/tickets/TKT-")
        assert everything() == before
    elif answer != "ok":
        status, code, _message = REFUSALS[answer]
        assert (response.status_code, refusal(response)) == (status, code)
        assert everything() == before, "a refused action wrote something"
    else:
        assert user is not None
        assert response.status_code == 302, response.content.decode()
        check_effect(attempt, state, actor, user.pk, ticket_id, before)


def refusal(response: Any) -> str:
    found = re.search(r'data-refusal="(\w+)"', response.content.decode())
    return found[1] if found else ""


def check_effect(
    attempt: Attempt, state: str, actor: str, user_id: uuid.UUID, ticket_id: uuid.UUID, before: dict[str, Any]
) -> None:
    after = everything()
    status, action, from_severity, to_severity, reason, changes = attempt.effects[state]
    [old], [new] = before["tickets"], after["tickets"]
    [entry] = [row for row in after["history"] if row not in before["history"]]
    assert {name: value for name, value in entry.items() if name not in ("id", "created_at")} == {
        "ticket_id": ticket_id,
        "version": old["version"] + 1,
        "user_id": user_id,
        "actor_role": ROLES.get(actor, "ASSOCIATE"),
        "action": action,
        "from_status": state.removeprefix("-"),
        "to_status": status,
        "from_severity": from_severity,
        "to_severity": to_severity,
        "reason": reason,
        "changes": changes,
    }
    assert entry["created_at"] == new["updated_at"]
    assert new["version"] == old["version"] + 1
    actor_row = type("Actor", (), {"pk": user_id})()
    assert changed_columns(old, new) == expected_changes(actor_row, new, old, action, to_severity, status)
