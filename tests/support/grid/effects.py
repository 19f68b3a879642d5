"""What an action on a ticket leaves behind: one change of one row, and one entry of history that tells it."""

from __future__ import annotations

from typing import Any

from tests.support.grid.desk import GridDesk
from tests.support.grid.moves import MANAGERS, Attempt
from tickets.models import HistoryEntry, Ticket

type Row = dict[str, Any]


def problem_of_effect(attempt: Attempt, state: str, who: str, desk: GridDesk, ticket: Ticket) -> str:
    """What is wrong with what was written for this ticket, and whether anything was for another."""
    user = desk.person(who)
    status, action, from_severity, to_severity, reason, changes = attempt.effects[state]
    new, old = row_of(ticket.pk), desk.rows[ticket.pk]
    entries = list(HistoryEntry.objects.filter(ticket=ticket, version__gt=old["version"]).values())
    expected = {
        "ticket_id": ticket.pk,
        "version": old["version"] + 1,
        "user_id": user.pk,
        "actor_role": "MANAGER" if who in MANAGERS else "ASSOCIATE",
        "action": action,
        "from_status": state.removeprefix("-"),
        "to_status": status,
        "from_severity": from_severity,
        "to_severity": to_severity,
        "reason": reason,
        "changes": changes,
    }
    written = [{name: value for name, value in entry.items() if name in expected} for entry in entries]
    if written != [expected]:
        return f"history has {written}"
    if entries[0]["created_at"] != new["updated_at"] or new["version"] != old["version"] + 1:
        return f"row and entry do not belong together: {new}"
    changed = {name: value for name, value in new.items() if value != old[name]}
    row = expected_row(user.pk, new, old, action, to_severity, status)
    row |= {"version": new["version"], "updated_at": new["updated_at"]}
    return "" if changed == row else f"the row has changed to {changed}"


def row_of(pk: Any) -> Row:
    [row] = Ticket.objects.filter(pk=pk).values()
    return dict(row)


def expected_row(user: Any, new: Row, old: Row, action: str, severity: str | None, status: str) -> Row:
    changes: Row = {} if status == old["status"] else {"status": status}
    match action:
        case "approved":
            changes |= {"reviewed_by_id": user}
        case "severity_changed":
            changes |= {"reviewed_by_id": user, "severity": severity}
        case "edited":
            changes |= {"title": "New title"}
        case "deleted":
            changes |= {"deleted_at": new["updated_at"], "deleted_by_id": user}
        case "restored":
            changes |= {"deleted_at": None, "deleted_by_id": None}
    return changes
