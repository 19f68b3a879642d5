"""Who may do what to a ticket in which state: the contract's answers, and what each attempt leaves behind.

Written by hand from the contract's table of moves and its order of checks: token (401), role (role), shape, ticket
(404), its state (reviewed, edited, approved, there), what one may do with this ticket (own, yours), and the rules of
the move (same, severity?, reason?). The same tables hold for the API, the pages, actions on many and the admin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.grid.notation import Cells, by_state

# -DRAFT and -REVIEW are deleted tickets, `none` is an id that no ticket has.
STATES = ["DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED", "-DRAFT", "-REVIEW", "none"]
# What each is to the ticket. nobody: not signed in. inactive, demoted: a manager who has been deactivated, or made an
# associate, since they got their token and session. author: the associate who created it. colleague, staff: associates
# who have nothing to do with it, the latter with the staff flag. deleter: deleted it as a manager, an associate since
# (where the ticket is not deleted, it has been restored). undoer: an associate who created it and deleted it. manager,
# chief: managers who did not create it, the latter with the staff flag. own-manager, own-chief: the same, but they
# created it. promoted: created it as an associate, a manager since.
MANAGERS = ("manager", "chief", "own-manager", "own-chief", "promoted")
IDENTITIES = ["nobody", "inactive", "demoted", "author", "colleague", "staff", "deleter", "undoer", *MANAGERS]
REVIEW_BY = """
                                 signed-out associates                manager,chief own-manager,own-chief,promoted
DRAFT                            401        role                      MOVE          own
REVIEW,PENDING,OPEN,CLOSED       401        role                      reviewed      reviewed
-DRAFT,-REVIEW,none              401        role                      404           404
"""
EDIT = """
                                 signed-out author,undoer not-authors manager,chief own-manager,own-chief,promoted
REVIEW                           401        ok            yours       ok            yours
DRAFT,PENDING,OPEN,CLOSED        401        edited        edited      edited        edited
-DRAFT,-REVIEW,none              401        404           404         404           404
"""
DELETE = """
                                 signed-out author,undoer not-authors managers
DRAFT,REVIEW                     401        ok            yours       ok
PENDING,OPEN,CLOSED              401        approved      approved    approved
-DRAFT,-REVIEW,none              401        404           404         404
"""
RESTORE = """
                                 signed-out deleter,undoer not-deleters managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        there          there        there
-DRAFT,-REVIEW                   401        ok             yours        ok
none                             401        404            404          404
"""
READ = """
                                 signed-out associates managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok         ok
-DRAFT,-REVIEW,none              401        404        404
"""
# The page of a ticket is also there where it is deleted, for who may bring it back. To others it does not exist, and
# so neither do they hear more of it from an action on many tickets, or from the page's way to restore it.
SEE = """
                                 signed-out deleter,undoer not-deleters managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok             ok           ok
-DRAFT,-REVIEW                   401        ok             404          ok
none                             401        404            404          404
"""


@dataclass(frozen=True)
class Attempt:
    """What is sent, the table of answers, and what it leaves behind for each state in which it may be done.

    `effects` has the ticket's status afterwards and the entry's action, severities, reason and changes.
    """

    method: str
    path: str
    answers: Cells
    body: dict[str, Any] | None = None
    status: int = 200
    effects: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def change(severity: str | None = None, reason: str | None = None) -> dict[str, Any]:
    sent = {"action": "CHANGE_SEVERITY", "newSeverity": severity, "severityChangeReason": reason}
    return {name: value for name, value in sent.items() if value is not None}


def review(answer: str, body: dict[str, Any], *effect: Any) -> Attempt:
    effects = {"DRAFT": effect} if effect else {}
    answers = by_state(REVIEW_BY.replace("MOVE", answer))
    return Attempt("PATCH", "/tickets/{id}/review", answers, body, effects=effects)


RAISED = "severity changed: Everybody is affected."
LOWERED = "severity changed: One room only."
# Every ticket here was created with severity MEDIUM; those in REVIEW have been raised to HIGH.
ATTEMPTS = {
    "approve": review("ok", {"action": "APPROVE"}, "PENDING", "approved", None, None, "approved", {}),
    "raise": review(
        "ok",
        change("VERY_HIGH", " Everybody is affected. "),
        *("REVIEW", "severity_changed", "MEDIUM", "VERY_HIGH", RAISED, {}),
    ),
    "lower": review("ok", change("LOW", "One room only."), "PENDING", "severity_changed", "MEDIUM", "LOW", LOWERED, {}),
    "same severity": review("same", change("MEDIUM", "x")),
    "no severity": review("severity?", change(reason="because")),
    "no reason": review("reason?", change("HIGH")),
    "blank reason": review("reason?", change("HIGH", " ")),
    "edit": Attempt(
        "PATCH",
        "/tickets/{id}",
        by_state(EDIT),
        {"title": "New title"},
        effects={"REVIEW": ("DRAFT", "edited", None, None, "edited (title)", {"title": ["The printer", "New title"]})},
    ),
    "delete": Attempt(
        "DELETE",
        "/tickets/{id}",
        by_state(DELETE),
        effects={
            "DRAFT": ("DRAFT", "deleted", None, None, "soft deleted", {}),
            "REVIEW": ("REVIEW", "deleted", None, None, "soft deleted", {}),
        },
    ),
    "restore": Attempt(
        "POST",
        "/tickets/{id}/restore",
        by_state(RESTORE),
        status=201,
        effects={
            "-DRAFT": ("DRAFT", "restored", None, None, "restored", {}),
            "-REVIEW": ("REVIEW", "restored", None, None, "restored", {}),
        },
    ),
    "read": Attempt("GET", "/tickets/{id}", by_state(READ)),
    "history": Attempt("GET", "/tickets/{id}/history", by_state(READ)),
}
SEEN = by_state(SEE)
