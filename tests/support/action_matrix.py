"""Literal tables of the contract: who may do what to a ticket in which state, and what each attempt leaves behind."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from accounts.models import User
from tests.support import factories
from tickets.models import HistoryEntry, Ticket, TicketSequence, TicketText

type Row = dict[str, Any]
type Written = dict[str, list[Row]]
REFUSALS = {
    "401": (401, "unauthorized", "Unauthorized"),
    "role": (403, "forbidden_role", "Forbidden resource"),
    "404": (404, "ticket_not_found", "Ticket not found"),
    "reviewed": (400, "not_in_draft", "Only DRAFT tickets can be reviewed"),
    "own": (403, "own_ticket", "Manager cannot review own ticket"),
    "same": (400, "same_severity", None),
    "severity?": (400, "new_severity_required", "newSeverity is required"),
    "reason?": (400, "reason_required", "severityChangeReason is required"),
    "edited": (400, "not_in_review", "Only tickets in REVIEW can be edited"),
    "approved": (400, "past_deleting", "Cannot delete ticket with status >= PENDING"),
    "there": (400, "not_deleted", None),
    "yours": (403, "not_allowed_on_this_ticket", None),
}
# author, colleague: associates. manager: did not create the ticket. own-manager: a manager who created it.
# promoted: created it as an associate, a manager since. deleter: no author; deleted it as a manager, an associate
# since (where the ticket is not deleted, it has been restored).
ACTORS = ["author", "colleague", "manager", "own-manager", "promoted", "deleter", "nobody"]
REVIEW_BY = """
             author colleague manager   own-manager promoted  deleter nobody
DRAFT        role   role      MOVE      own         own       role    401
REVIEW       role   role      reviewed  reviewed    reviewed  role    401
PENDING      role   role      reviewed  reviewed    reviewed  role    401
OPEN         role   role      reviewed  reviewed    reviewed  role    401
CLOSED       role   role      reviewed  reviewed    reviewed  role    401
-DRAFT       role   role      404       404         404       role    401
-REVIEW      role   role      404       404         404       role    401
none         role   role      404       404         404       role    401
"""
EDIT_BY = """
             author colleague manager   own-manager promoted  deleter nobody
DRAFT        edited edited    edited    edited      edited    edited  401
REVIEW       ok     yours     ok        yours       yours     yours   401
PENDING      edited edited    edited    edited      edited    edited  401
OPEN         edited edited    edited    edited      edited    edited  401
CLOSED       edited edited    edited    edited      edited    edited  401
-DRAFT       404    404       404       404         404       404     401
-REVIEW      404    404       404       404         404       404     401
none         404    404       404       404         404       404     401
"""
DELETE_BY = """
             author   colleague manager   own-manager promoted  deleter   nobody
DRAFT        ok       yours     ok        ok          ok        yours     401
REVIEW       ok       yours     ok        ok          ok        yours     401
PENDING      approved approved  approved  approved    approved  approved  401
OPEN         approved approved  approved  approved    approved  approved  401
CLOSED       approved approved  approved  approved    approved  approved  401
-DRAFT       404      404       404       404         404       404       401
-REVIEW      404      404       404       404         404       404       401
none         404      404       404       404         404       404       401
"""
RESTORE_BY = """
             author colleague manager   own-manager promoted  deleter nobody
DRAFT        there  there     there     there       there     there   401
REVIEW       there  there     there     there       there     there   401
PENDING      there  there     there     there       there     there   401
OPEN         there  there     there     there       there     there   401
CLOSED       there  there     there     there       there     there   401
-DRAFT       yours  yours     ok        ok          ok        ok      401
-REVIEW      yours  yours     ok        ok          ok        ok      401
none         404    404       404       404         404       404     401
"""
READ_BY = """
             author colleague manager   own-manager promoted  deleter nobody
DRAFT        ok     ok        ok        ok          ok        ok      401
REVIEW       ok     ok        ok        ok          ok        ok      401
PENDING      ok     ok        ok        ok          ok        ok      401
OPEN         ok     ok        ok        ok          ok        ok      401
CLOSED       ok     ok        ok        ok          ok        ok      401
-DRAFT       404    404       404       404         404       404     401
-REVIEW      404    404       404       404         404       404     401
none         404    404       404       404         404       404     401
"""


@dataclass(frozen=True)
class Attempt:
    """A request, its table of answers, and what it leaves behind for each state that it may be made in.

    `effects` has the ticket's status afterwards and the entry's action, severities, reason and changes.
    """

    method: str
    path: str
    by: str
    body: dict[str, Any] | None = None
    status: int = 200
    effects: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def change(severity: str | None = None, reason: str | None = None) -> dict[str, Any]:
    sent = {"action": "CHANGE_SEVERITY", "newSeverity": severity, "severityChangeReason": reason}
    return {name: value for name, value in sent.items() if value is not None}


# Every ticket here was created with severity MEDIUM; those in REVIEW have been raised to HIGH.
ATTEMPTS = {
    "approve": Attempt(
        "PATCH",
        "/tickets/{id}/review",
        REVIEW_BY.replace("MOVE", "ok"),
        {"action": "APPROVE"},
        effects={"DRAFT": ("PENDING", "approved", None, None, "approved", {})},
    ),
    "raise": Attempt(
        "PATCH",
        "/tickets/{id}/review",
        REVIEW_BY.replace("MOVE", "ok"),
        change("VERY_HIGH", " Everybody is affected. "),
        effects={
            "DRAFT": (
                "REVIEW",
                "severity_changed",
                "MEDIUM",
                "VERY_HIGH",
                "severity changed: Everybody is affected.",
                {},
            )
        },
    ),
    "lower": Attempt(
        "PATCH",
        "/tickets/{id}/review",
        REVIEW_BY.replace("MOVE", "ok"),
        change("LOW", "One room only."),
        effects={"DRAFT": ("PENDING", "severity_changed", "MEDIUM", "LOW", "severity changed: One room only.", {})},
    ),
    "same severity": Attempt("PATCH", "/tickets/{id}/review", REVIEW_BY.replace("MOVE", "same"), change("MEDIUM", "x")),
    "no severity": Attempt(
        "PATCH", "/tickets/{id}/review", REVIEW_BY.replace("MOVE", "severity?"), change(reason="because")
    ),
    "no reason": Attempt("PATCH", "/tickets/{id}/review", REVIEW_BY.replace("MOVE", "reason?"), change("HIGH")),
    "blank reason": Attempt("PATCH", "/tickets/{id}/review", REVIEW_BY.replace("MOVE", "reason?"), change("HIGH", " ")),
    "edit": Attempt(
        "PATCH",
        "/tickets/{id}",
        EDIT_BY,
        {"title": "New title"},
        effects={
            "REVIEW": ("DRAFT", "edited", None, None, "edited (title)", {"title": ["The printer", "New title"]}),
        },
    ),
    "delete": Attempt(
        "DELETE",
        "/tickets/{id}",
        DELETE_BY,
        effects={
            "DRAFT": ("DRAFT", "deleted", None, None, "soft deleted", {}),
            "REVIEW": ("REVIEW", "deleted", None, None, "soft deleted", {}),
        },
    ),
    "restore": Attempt(
        "POST",
        "/tickets/{id}/restore",
        RESTORE_BY,
        status=201,
        effects={
            "-DRAFT": ("DRAFT", "restored", None, None, "restored", {}),
            "-REVIEW": ("REVIEW", "restored", None, None, "restored", {}),
        },
    ),
    "read": Attempt("GET", "/tickets/{id}", READ_BY),
    "history": Attempt("GET", "/tickets/{id}/history", READ_BY),
}
ROLES = {"author": "ASSOCIATE", "manager": "MANAGER", "own-manager": "MANAGER", "promoted": "MANAGER"}


def combinations() -> list[Any]:
    cases = []
    for name, attempt in ATTEMPTS.items():
        header, *rows = attempt.by.strip().splitlines()
        assert header.split() == ACTORS
        for row in rows:
            state, *answers = row.split()
            cases += [
                pytest.param(attempt, state, actor, answer, id=f"{name} {state} {actor}")
                for actor, answer in zip(ACTORS, answers, strict=True)
            ]
    return cases


def arrange(state: str, actor: str) -> tuple[User | None, uuid.UUID]:
    """The person who acts, and the id of the one ticket there is, in this state."""
    author = factories.manager() if actor == "own-manager" else factories.associate()
    people: dict[str, User | None] = {
        "author": author,
        "own-manager": author,
        "promoted": author,
        "colleague": factories.associate(),
        "manager": factories.manager(),
        "deleter": factories.manager(),
        "nobody": None,
    }
    user = people[actor]
    if state == "none":
        ticket_id = uuid.uuid4()
    else:
        made = factories.ticket(author=author, title="The printer", severity="MEDIUM")
        deleter = people["deleter"] if actor == "deleter" else factories.manager()
        if actor == "deleter" and not state.startswith("-"):
            factories.deleted(made, by=deleter)
            made = factories.restored(made)
        made = factories.advance(made, state.removeprefix("-"))
        if state.startswith("-"):
            factories.deleted(made, by=deleter)
        ticket_id = made.pk
    if actor == "promoted" and user:
        factories.set_role(user, "MANAGER")
    if actor == "deleter" and user:
        factories.set_role(user, "ASSOCIATE")
    return user, ticket_id


def everything() -> Written:
    """All that an action could write."""
    return {
        "tickets": [dict(row) for row in Ticket.objects.values()],
        "history": [dict(row) for row in HistoryEntry.objects.order_by("version").values()],
        "texts": [dict(row) for row in TicketText.objects.values()],
        "sequences": [dict(row) for row in TicketSequence.objects.values()],
    }


def check_effect(attempt: Attempt, state: str, actor: str, user: User, ticket_id: uuid.UUID, before: Written) -> None:
    """Assert that since `before` the one ticket has changed as the attempt says, and one entry of history tells it."""
    after = everything()
    status, action, from_severity, to_severity, reason, changes = attempt.effects[state]
    [old], [new] = before["tickets"], after["tickets"]
    [entry] = [row for row in after["history"] if row not in before["history"]]
    assert len(after["history"]) == len(before["history"]) + 1
    assert {name: value for name, value in entry.items() if name not in ("id", "created_at")} == {
        "ticket_id": ticket_id,
        "version": old["version"] + 1,
        "user_id": user.pk,
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
    assert changed_columns(old, new) == expected_changes(user, new, old, action, to_severity, status)


def changed_columns(old: Row, new: Row) -> Row:
    always = ("version", "updated_at")
    return {name: value for name, value in new.items() if value != old[name] and name not in always}


def expected_changes(user: User, new: Row, old: Row, action: str, severity: str | None, status: str) -> Row:
    changes: Row = {} if status == old["status"] else {"status": status}
    match action:
        case "approved":
            changes |= {"reviewed_by_id": user.pk}
        case "severity_changed":
            changes |= {"reviewed_by_id": user.pk, "severity": severity}
        case "edited":
            changes |= {"title": "New title"}
        case "deleted":
            changes |= {"deleted_at": new["updated_at"], "deleted_by_id": user.pk}
        case "restored":
            changes |= {"deleted_at": None, "deleted_by_id": None}
    return changes
