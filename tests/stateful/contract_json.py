"""The shapes of the contract's answers, and what its lists hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.stateful.contract import LEVELS, STATUSES, Desk, Entry, Person, Remark, Ticket


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "ticketNumber": ticket.number,
        "year": int(ticket.number[4:8]),
        "sequence": int(ticket.number[9:]),
        "title": ticket.title,
        "description": ticket.description,
        "dueDate": iso(ticket.due),
        "severity": ticket.severity,
        "aiSuggestedSeverity": ticket.suggested,
        "status": ticket.status,
        "createdById": ticket.creator,
        "reviewedById": ticket.reviewer,
        "createdAt": iso(ticket.created_at),
        "updatedAt": iso(ticket.updated_at),
        "deletedAt": iso(ticket.deleted_at),
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """Without its id and its time."""
    return {
        "ticketId": entry.ticket,
        "userId": entry.user,
        "fromStatus": entry.from_status,
        "toStatus": entry.to_status,
        "fromSeverity": entry.from_severity,
        "toSeverity": entry.to_severity,
        "reason": entry.reason,
        "action": entry.action,
        "changes": entry.changes,
    }


def event_json(desk: Desk, told: Entry | Remark) -> dict[str, Any]:
    """Without its cursor and its time."""
    entry, remark = (told, None) if isinstance(told, Entry) else (None, told)
    return {
        "type": told.action,
        "ticketId": told.ticket,
        "ticketNumber": desk.tickets[told.ticket].number,
        "version": told.version,
        "actorId": told.user,
        "fromStatus": entry and entry.from_status,
        "toStatus": entry and entry.to_status,
        "fromSeverity": entry and entry.from_severity,
        "toSeverity": entry and entry.to_severity,
        "commentId": remark and remark.comment,
        "attachmentId": None,
    }


def folded(text: str) -> str:
    """For the texts that these tests write; the contract's rules for all others have tests of their own."""
    return " ".join(text.replace("İ", "i").casefold().split())


def listed(desk: Desk, by: Person, query: dict[str, Any]) -> list[Ticket]:
    """All tickets that the query finds, in its order. Values are as they are meant, times as times."""
    author, reviewer = (by.id if query.get(name) == "me" else query.get(name) for name in ("createdBy", "reviewedBy"))
    found = [
        ticket
        for ticket in desk.live()
        if query.get("status") in (None, ticket.status)
        and query.get("severity") in (None, ticket.severity)
        and author in (None, ticket.creator)
        and (reviewer is None or reviewer == ticket.reviewer)
        and ("dueBefore" not in query or ticket.due < query["dueBefore"])
        and ("updatedSince" not in query or (ticket.updated_at and ticket.updated_at >= query["updatedSince"]))
        and any(
            folded(query.get("q", "")) in folded(text) for text in (ticket.title, ticket.description, ticket.number)
        )
    ]
    found.sort(key=lambda ticket: ticket.number, reverse=True)
    sort = query.get("sort", "-number")
    # Python keeps what is equal in its order, so ties stay by number, newest first.
    found.sort(key=_SORT_KEYS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return found


_SORT_KEYS: dict[str, Any] = {
    "number": lambda ticket: ticket.number,
    "createdAt": lambda ticket: ticket.created_at,
    "updatedAt": lambda ticket: ticket.updated_at,
    "dueDate": lambda ticket: ticket.due,
    "severity": lambda ticket: LEVELS.index(ticket.severity),
    "status": lambda ticket: STATUSES.index(ticket.status),
}
