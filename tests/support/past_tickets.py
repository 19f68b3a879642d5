"""Tickets with a past, as records for tickets/backfill: good ones, and ways of telling a part of them otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from accounts.models import User
from tests.support import factories
from tickets.backfill.records import EntryRecord, TicketRecord
from tickets.workflow import Action, Severity, Status

DUE = datetime(2020, 3, 31, 17, tzinfo=UTC)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2020, 3, day, hour, tzinfo=UTC)


class People:
    """The people in the stories."""

    def __init__(self) -> None:
        self.author = factories.associate()
        self.other = factories.associate()
        self.manager = factories.manager()
        self.second = factories.manager()


def entry(
    day: int, action: Action, user: User | None, source: Status | None, target: Status, **more: Any
) -> EntryRecord:
    reasons = {"created": "created", "approved": "approved", "deleted": "soft deleted", "restored": "restored"}
    more = {"reason": reasons.get(action.value, "csv import"), "role": user.role if user else None} | more
    return EntryRecord(at=at(day), action=action, user=user, from_status=source, to_status=target, **more)


def closed(people: People, **more: Any) -> TicketRecord:
    """A ticket that has seen every action there is."""
    entries = [
        entry(1, Action.CREATED, people.author, None, Status.DRAFT, to_severity=Severity.LOW),
        entry(2, Action.DELETED, people.author, Status.DRAFT, Status.DRAFT),
        entry(3, Action.RESTORED, people.author, Status.DRAFT, Status.DRAFT),
        entry(
            4,
            Action.SEVERITY_CHANGED,
            people.second,
            Status.DRAFT,
            Status.REVIEW,
            from_severity=Severity.LOW,
            to_severity=Severity.HIGH,
            reason="severity changed: A whole floor waits.",
        ),
        entry(
            5,
            Action.EDITED,
            people.author,
            Status.REVIEW,
            Status.DRAFT,
            reason="edited (title, description)",
            changes={"title": ("Printer", "Printer, ground floor"), "description": ("It is out.", "All are out.")},
        ),
        entry(6, Action.APPROVED, people.manager, Status.DRAFT, Status.PENDING),
        entry(7, Action.IMPORTED, None, Status.PENDING, Status.OPEN),
        entry(8, Action.IMPORTED, people.second, Status.OPEN, Status.CLOSED),
    ]
    told = TicketRecord(
        title="Printer, ground floor",
        description="All are out.",
        due_date=DUE,
        severity=Severity.HIGH,
        ai_suggested_severity=Severity.MEDIUM,
        status=Status.CLOSED,
        author=people.author,
        reviewer=people.manager,
        created_at=at(1),
        updated_at=at(8),
        entries=entries,
    )
    return replace(told, **more)


def draft(people: People, day: int = 10, **more: Any) -> TicketRecord:
    """A ticket of which no more is known than its creation."""
    created = entry(day, Action.CREATED, people.author, None, Status.DRAFT, to_severity=Severity.EASY)
    told = TicketRecord(
        title="A second screen",
        description="Mine is small.",
        due_date=DUE,
        severity=Severity.EASY,
        status=Status.DRAFT,
        author=people.author,
        created_at=created.at,
        updated_at=created.at,
        entries=[created],
    )
    return replace(told, **more)


def changed(record: TicketRecord, number: int, **changes: Any) -> TicketRecord:
    """The record with one of its entries told otherwise; the first has number 1."""
    entries = list(record.entries)
    entries[number - 1] = replace(entries[number - 1], **changes)
    return replace(record, entries=entries)


def moved(record: TicketRecord, number: int, moment: datetime) -> TicketRecord:
    """The record with one of its entries at another time, and the ticket's own times as its entries tell them."""
    told = changed(record, number, at=moment)
    return replace(told, created_at=told.entries[0].at, updated_at=told.entries[-1].at)


def cut(record: TicketRecord, count: int, **ticket: Any) -> TicketRecord:
    """The record after its first entries, as far as `ticket` says so."""
    entries = record.entries[:count]
    return replace(record, entries=entries, updated_at=entries[-1].at, **ticket)


def lowered(people: People) -> TicketRecord:
    severities = {"from_severity": Severity.VERY_HIGH, "to_severity": Severity.EASY}
    reason = "severity changed: One lamp."
    return TicketRecord(
        title="Éclairage",
        description="Trop fort.",
        due_date=DUE,
        severity=Severity.EASY,
        status=Status.CLOSED,
        author=people.manager,
        reviewer=people.second,
        created_at=at(1),
        updated_at=at(3),
        entries=[
            entry(1, Action.CREATED, people.manager, None, Status.DRAFT, to_severity=Severity.VERY_HIGH),
            entry(2, Action.SEVERITY_CHANGED, people.second, Status.DRAFT, Status.PENDING, reason=reason, **severities),
            entry(3, Action.IMPORTED, None, Status.PENDING, Status.CLOSED),
        ],
    )


def deleted(people: People) -> TicketRecord:
    severities = {"from_severity": Severity.EASY, "to_severity": Severity.LOW}
    reason = "severity changed: For whom?"
    return draft(
        people,
        severity=Severity.LOW,
        reviewer=people.manager,
        updated_at=at(13),
        deleted_at=at(13),
        deleted_by=people.manager,
        entries=[
            *draft(people).entries,
            entry(
                11, Action.SEVERITY_CHANGED, people.manager, Status.DRAFT, Status.REVIEW, reason=reason, **severities
            ),
            entry(12, Action.EDITED, people.second, Status.REVIEW, Status.DRAFT, reason="edited (nothing)"),
            entry(13, Action.DELETED, people.manager, Status.DRAFT, Status.DRAFT),
        ],
    )


def draft_deleted(people: People, **more: Any) -> TicketRecord:
    entries = [*draft(people).entries, entry(11, Action.DELETED, people.author, Status.DRAFT, Status.DRAFT)]
    told = draft(people, entries=entries, updated_at=at(11), deleted_at=at(11), deleted_by=people.author)
    return replace(told, **more)
