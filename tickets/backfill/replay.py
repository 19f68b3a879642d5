"""Takes a ticket through the actions of its record again, by the same rules as tickets/actions.py.

What is written in the end is the ticket that this comes to. What the record says of the ticket is compared with that.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime
from uuid import UUID, uuid4

from accounts.models import Role, User
from tickets import workflow
from tickets.backfill.errors import Rule, require
from tickets.backfill.limits import TEXTS, is_severity_reason, is_time
from tickets.backfill.records import EntryRecord, TicketRecord
from tickets.models import HistoryEntry, Ticket
from tickets.numbering import TicketNumber
from tickets.permissions import can
from tickets.workflow import MOVES, Action

LEGAL = frozenset((move.action, move.source, move.target or move.source) for move in MOVES)


class Replay:
    """`ticket` is how it stands after the entries so far; `entries` are the rows of those."""

    def __init__(self, record: TicketRecord, number: TicketNumber, now: datetime) -> None:
        """`now` is the present: nothing may have happened after it. Raises BackfillRefused."""
        self.record, self.now = record, now
        self.texts: dict[str, str] = {}
        self.entries: list[HistoryEntry] = []
        self.ticket = self._unwritten(number)
        self._judge_ticket()
        for entry in record.entries:
            self._take(entry)
        self._compare()

    def _unwritten(self, number: TicketNumber) -> Ticket:
        record = self.record
        return Ticket(
            id=record.id or uuid4(),
            ticket_number=str(number),
            year=number.year,
            sequence=number.sequence,
            title=record.title,
            description=record.description,
            due_date=record.due_date,
            ai_suggested_severity=record.ai_suggested_severity,
            created_by_id=record.author.pk,
            created_at=record.created_at,
            updated_at=record.created_at,
            version=0,
        )

    def _judge_ticket(self) -> None:
        record = self.record
        for name, (is_text, rule) in TEXTS.items():
            require(is_text(getattr(record, name)), record, rule)
        require(is_time(record.due_date), record, Rule.TIMES)
        require(bool(record.entries), record, Rule.BEGINS_WITH_CREATION)

    def _take(self, entry: EntryRecord) -> None:
        self._judge_move(entry)
        self._require(self._may_take(entry), Rule.ACTOR)
        self._require(self._severities_fit(entry), Rule.SEVERITY)
        self._judge_changes(entry)
        self._require(_is_reason(entry), Rule.REASON)
        self._require(self._is_in_time(entry.at), Rule.TIMES)
        self._apply(entry)
        self._enter(entry)

    def _require(self, holds: bool, rule: Rule) -> None:
        """Refuse the record, naming the entry that is being taken, unless `holds`."""
        require(holds, self.record, rule, self.ticket.version + 1)

    def _judge_move(self, entry: EntryRecord) -> None:
        ticket, is_first = self.ticket, self.ticket.version == 0
        self._require((entry.action is Action.CREATED) == is_first, Rule.BEGINS_WITH_CREATION)
        self._require(
            (entry.action, entry.from_status, entry.to_status) in LEGAL
            and entry.from_status == (None if is_first else ticket.status)
            and (entry.action is Action.RESTORED) == (ticket.deleted_at is not None),
            Rule.MOVE,
        )

    def _may_take(self, entry: EntryRecord) -> bool:
        if entry.user is None or entry.role is None:
            return (entry.user, entry.role, entry.action) == (None, None, Action.IMPORTED)
        if entry.role not in Role:
            return False
        if entry.action is Action.CREATED:
            return entry.user.pk == self.ticket.created_by_id
        actor = _as_of_then(entry.user, entry.role)
        return actor.is_manager if entry.action is Action.IMPORTED else can(actor, entry.action, self.ticket)

    def _severities_fit(self, entry: EntryRecord) -> bool:
        old, new = entry.from_severity, entry.to_severity
        if entry.action is Action.CREATED:
            return old is None and new is not None
        if entry.action is not Action.SEVERITY_CHANGED:
            return old is None and new is None
        if old is None or new is None or old != self.ticket.severity:
            return False
        return workflow.after_severity_change(old, new) == entry.to_status

    def _judge_changes(self, entry: EntryRecord) -> None:
        self._require(not entry.changes or entry.action is Action.EDITED, Rule.CHANGES)
        self._require(entry.changes.keys() <= TEXTS.keys(), Rule.CHANGES)
        for name, (old, new) in entry.changes.items():
            self._require(old == self.texts.get(name, old) and old != new, Rule.CHANGES)
            is_text, rule = TEXTS[name]
            self._require(is_text(old) and is_text(new), rule)

    def _is_in_time(self, at: datetime) -> bool:
        return is_time(at) and self.ticket.updated_at <= at <= self.now

    def _apply(self, entry: EntryRecord) -> None:
        ticket, actor = self.ticket, _key(entry.user)
        ticket.status, ticket.updated_at, ticket.version = entry.to_status, entry.at, ticket.version + 1
        ticket.severity = entry.to_severity or ticket.severity
        self.texts |= {name: new for name, (_, new) in entry.changes.items()}
        match entry.action:
            case Action.APPROVED | Action.SEVERITY_CHANGED:
                ticket.reviewed_by_id = actor
            case Action.DELETED:
                ticket.deleted_at, ticket.deleted_by_id = entry.at, actor
            case Action.RESTORED:
                ticket.deleted_at = ticket.deleted_by_id = None

    def _enter(self, entry: EntryRecord) -> None:
        self.entries.append(
            HistoryEntry(
                id=entry.id or uuid4(),
                ticket_id=self.ticket.pk,
                version=self.ticket.version,
                created_at=entry.at,
                user_id=_key(entry.user),
                actor_role=entry.role,
                action=entry.action,
                from_status=entry.from_status,
                to_status=entry.to_status,
                from_severity=entry.from_severity,
                to_severity=entry.to_severity,
                reason=entry.reason,
                changes={name: list(texts) for name, texts in entry.changes.items()},
            )
        )

    def _compare(self) -> None:
        """Compare the ticket to which the entries have led with what the record says of it."""
        record, ticket = self.record, self.ticket
        deletion = record.deleted_at, _key(record.deleted_by)
        times = record.created_at, record.updated_at
        ends = {
            Rule.ENDS_AT_STATUS: ticket.status == record.status,
            Rule.ENDS_AT_SEVERITY: ticket.severity == record.severity,
            Rule.ENDS_AT_TEXT: all(getattr(record, name) == text for name, text in self.texts.items()),
            Rule.ENDS_AT_REVIEWER: ticket.reviewed_by_id == _key(record.reviewer),
            Rule.ENDS_AT_DELETION: (ticket.deleted_at, ticket.deleted_by_id) == deletion,
            Rule.ENDS_AT_TIMES: (record.entries[0].at, record.entries[-1].at) == times,
        }
        for rule, holds in ends.items():
            require(holds, record, rule)


def _as_of_then(user: User, role: Role | str) -> User:
    """The person in the role that they had at the time."""
    if user.role == role:
        return user
    then = copy(user)
    then.role = role
    return then


def _key(user: User | None) -> UUID | None:
    return user.pk if user else None


def _is_reason(entry: EntryRecord) -> bool:
    """Whether it is what tickets/actions.py would have written."""
    match entry.action:
        case Action.SEVERITY_CHANGED:
            why = entry.reason.removeprefix(workflow.SEVERITY_REASON)
            return why != entry.reason and is_severity_reason(why)
        case action:
            changed = [name for name in TEXTS if name in entry.changes]
            return entry.reason == workflow.reason_for(action, changed=changed)
