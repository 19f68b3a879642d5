"""What a caller tells of a ticket that has lived already: how it stands, and each action that brought it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.models import Role, User
from tickets.workflow import Action, Severity, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """One action, as its history entry is to tell it.

    `user` is None for the external system working by itself. `role` is the role that `user` had at the time, which
    need not be the present one. `changes` holds the old and the new text of what an edit changed. Without `id` the
    entry gets one.
    """

    at: datetime
    action: Action
    user: User | None
    role: Role | str | None
    from_status: Status | None
    to_status: Status
    from_severity: Severity | None = None
    to_severity: Severity | None = None
    reason: str
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecord:
    """A ticket as it stands now, with its entries in the order in which the actions were taken.

    Most of it follows from the entries as well. It is asked for all the same, so that a caller who has read either of
    them wrongly is told. `number` is None for a ticket that is to get the next one of its year. Without `id` the
    ticket gets one.
    """

    number: str | None = None
    title: str
    description: str
    due_date: datetime
    severity: Severity
    ai_suggested_severity: Severity | None = None
    status: Status
    author: User
    reviewer: User | None = None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    deleted_by: User | None = None
    entries: Sequence[EntryRecord]
    id: UUID | None = None

    def __str__(self) -> str:
        return f"{self.number or f'ticket of {self.created_at}'} {self.title[:60]!r}"
