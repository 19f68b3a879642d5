"""Takes a ticket through the actions of its record again, by the same rules as tickets/actions.py.

What is written in the end is the ticket that this comes to. What the record says of the ticket is compared with that.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from accounts.models import User
from tickets.audit import hashing
from tickets.audit.sqlite import new_salt
from tickets.backfill.course import Course, Standing, Step
from tickets.backfill.errors import Rule, require
from tickets.backfill.limits import TEXTS, is_time
from tickets.backfill.records import EntryRecord, TicketRecord
from tickets.models import HistoryEntry, Ticket
from tickets.numbering import TicketNumber


class Replay:
    """`ticket` is how it stands after all entries; `entries` are the rows of those."""

    def __init__(self, record: TicketRecord, number: TicketNumber, now: datetime) -> None:
        """`now` is the present: nothing may have happened after it. Raises BackfillRefused."""
        self.record, self.now, self.ticket_id = record, now, record.id or uuid4()
        self.course = Course(record.author.pk)
        self.entries: list[HistoryEntry] = []
        self._judge_ticket()
        for entry in record.entries:
            self._take(entry)
        self._compare()
        self.ticket = self._written(number)
        self._hash_first_texts()

    def _judge_ticket(self) -> None:
        record = self.record
        for name, (is_text, rule) in TEXTS.items():
            require(is_text(getattr(record, name)), record, rule)
        require(is_time(record.due_date), record, Rule.TIMES)
        require(bool(record.entries), record, Rule.BEGINS_WITH_CREATION)

    def _take(self, entry: EntryRecord) -> None:
        step, version = _step(entry), self.course.version + 1
        if rule := self.course.broken_rule(step):
            require(False, self.record, rule, version)
        require(self._is_in_time(entry.at), self.record, Rule.TIMES, version)
        self.course.take(step)
        self._enter(entry)

    def _is_in_time(self, at: datetime) -> bool:
        return is_time(at) and (self.course.updated_at or self.record.created_at) <= at <= self.now

    def _enter(self, entry: EntryRecord) -> None:
        self.entries.append(
            HistoryEntry(
                id=entry.id or uuid4(),
                ticket_id=self.ticket_id,
                version=self.course.version,
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
        record = self.record
        stands = Standing(
            record.status,
            record.severity,
            record.title,
            record.description,
            _key(record.reviewer),
            record.deleted_at,
            _key(record.deleted_by),
            record.created_at,
            record.updated_at,
        )
        for rule in self.course.differences(stands):
            require(False, record, rule)

    def _written(self, number: TicketNumber) -> Ticket:
        record, course = self.record, self.course
        return Ticket(
            id=self.ticket_id,
            ticket_number=str(number),
            year=number.year,
            sequence=number.sequence,
            title=record.title,
            description=record.description,
            due_date=record.due_date,
            severity=course.severity or record.severity,
            ai_suggested_severity=record.ai_suggested_severity,
            status=course.status or record.status,
            created_by_id=record.author.pk,
            reviewed_by_id=course.reviewer,
            created_at=record.created_at,
            updated_at=course.updated_at,
            deleted_at=course.deleted_at,
            deleted_by_id=course.deleted_by,
            version=course.version,
        )

    def _hash_first_texts(self) -> None:
        """Hash the texts that the ticket began with, where the database cannot know them.

        A ticket is written as it stands now, before its entries.
        """
        if self.course.version == 1:
            return
        texts = {name: getattr(self.record, name) for name in TEXTS}
        for entry in reversed(self.entries):
            texts |= {name: old for name, (old, _new) in entry.changes.items()}
        first = self.entries[0]
        first.salt = new_salt()
        first.texts_hash = hashing.texts_hash(first.salt, first.reason, hashing.canonical({}), **texts)


def _step(entry: EntryRecord) -> Step:
    return Step(
        entry.action,
        _key(entry.user),
        entry.role,
        entry.from_status,
        entry.to_status,
        entry.from_severity,
        entry.to_severity,
        entry.at,
        entry.reason,
        entry.changes,
    )


def _key(user: User | None) -> UUID | None:
    return user.pk if user else None
