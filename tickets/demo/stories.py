"""The life of one demo ticket, told as the actions would have written it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from accounts.models import User
from tickets import workflow
from tickets.backfill.records import EntryRecord, TicketRecord
from tickets.demo.people import People
from tickets.demo.problems import Problem
from tickets.demo.remarks import ADDED, LOWERED, RAISED
from tickets.demo.schedule import NIGHTLY, UPLOADS
from tickets.workflow import Action, Severity, Status

DAYS_TO_DUE = (1, 2, 3, 5, 7, 10, 14, 21, 30)
# The share of tickets not closed that get a due date ahead: external systems tend to close what is due first.
NOT_YET_DUE = 0.85
DELETED_SHARE = 0.04  # of those in DRAFT or REVIEW


@dataclass(slots=True)
class Story:
    """One ticket being taken through its life by `dice`, with an entry for each action. `now` is the present."""

    dice: Random
    people: People
    problem: Problem
    created_at: datetime
    now: datetime
    author: User = field(init=False)
    reviewer: User | None = None
    description: str = field(init=False)
    due_date: datetime = field(init=False)
    severity: Severity = field(init=False)
    status: Status = Status.DRAFT
    updated_at: datetime = field(init=False)
    deleted_by: User | None = None
    entries: list[EntryRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = self.dice
        self.author = dice.choice(self.people.associates if dice.random() < 0.9 else self.people.managers)
        self.description, self.severity = self.problem.description, Severity(self.problem.severity)
        self.due_date = _end_of_day(self.created_at + timedelta(days=dice.choice(DAYS_TO_DUE)))
        self.updated_at = self.created_at
        self._enter(Action.CREATED, self.author, None, to_severity=self.severity)

    def played_to(self, status: Status) -> TicketRecord:
        """The ticket once it has come to this status, or as near to it as it can."""
        self._play_review(status)
        self._play_exchange(status)
        if self.status != Status.CLOSED and self.dice.random() < NOT_YET_DUE:
            later = max(self.now, self.created_at) + timedelta(days=self.dice.choice(DAYS_TO_DUE))
            self.due_date = max(self.due_date, _end_of_day(later))
        if status in workflow.DELETABLE and self.dice.random() < DELETED_SHARE:
            self._delete()
        return self._record()

    def _record(self) -> TicketRecord:
        return TicketRecord(
            title=self.problem.title,
            description=self.description,
            due_date=self.due_date,
            severity=self.severity,
            ai_suggested_severity=Severity(self.problem.suggested) if self.problem.suggested else None,
            status=self.status,
            author=self.author,
            reviewer=self.reviewer,
            created_at=self.created_at,
            updated_at=self.updated_at,
            deleted_at=self.updated_at if self.deleted_by else None,
            deleted_by=self.deleted_by,
            entries=self.entries,
        )

    def _play_review(self, status: Status) -> None:
        match status:
            case Status.DRAFT:
                if self.dice.random() < 0.2 and self._raise_severity():
                    self._edit()
            case Status.REVIEW:
                self._raise_severity()  # where it is the highest already, the ticket stays a draft
            case _:
                self._get_approved()

    def _play_exchange(self, status: Status) -> None:
        if status is Status.OPEN or (status is Status.CLOSED and self.dice.random() < 0.6):
            self._import(Status.OPEN)
        if status is Status.CLOSED:
            self._import(Status.CLOSED)

    def _get_approved(self) -> None:
        chance = self.dice.random()
        if chance < 0.12 and self._lower_severity():
            return
        if chance > 0.85 and self._raise_severity():
            self._edit()
        self._take(Action.APPROVED, self._choose_reviewer())

    def _raise_severity(self) -> bool:
        return self._change_severity(1, RAISED)

    def _lower_severity(self) -> bool:
        return self._change_severity(-1, LOWERED)

    def _change_severity(self, step: int, reasons: tuple[str, ...]) -> bool:
        old = self.severity
        levels = [level for level in Severity if level.rank == old.rank + step]
        if not levels:
            return False
        [self.severity] = levels
        target = workflow.after_severity_change(old, self.severity)
        why = self.dice.choice(reasons)
        severities: dict[str, Any] = {"from_severity": old, "to_severity": self.severity}
        self._take(Action.SEVERITY_CHANGED, self._choose_reviewer(), to=target, why=why, **severities)
        return True

    def _edit(self) -> None:
        old = self.description
        self.description = f"{old}\n\n{self.dice.choice(ADDED)}"
        editor = self._other_manager() if self.author.is_manager else self.author
        changes = {"description": (old, self.description)}
        self._take(Action.EDITED, editor, changes=changes)

    def _import(self, to: Status) -> None:
        """On one of the next days; where there has been none since, the ticket stays as it is."""
        nightly = self.status == Status.PENDING
        day = datetime.combine(self.updated_at.date(), NIGHTLY if nightly else UPLOADS, UTC)
        moments = [day + timedelta(days=days) for days in range(1, 22)]
        moments = [moment for moment in moments if self.updated_at < moment < self.now]
        if moments:
            at = moments[min(int(self.dice.expovariate(0.35)), len(moments) - 1)]
            # Of the managers a different one each day.
            uploader = self.people.managers[at.toordinal() % len(self.people.managers)]
            self._take(Action.IMPORTED, None if nightly else uploader, to=to, at=at)

    def _delete(self) -> None:
        self.deleted_by = self.author
        self._take(Action.DELETED, self.author)

    def _choose_reviewer(self) -> User:
        self.reviewer = self._other_manager()
        return self.reviewer

    def _other_manager(self) -> User:
        return self.dice.choice([user for user in self.people.managers if user != self.author])

    def _take(
        self,
        action: Action,
        user: User | None,
        *,
        to: Status | None = None,
        at: datetime | None = None,
        **more: Any,
    ) -> None:
        """`to` is where the action leads, where that does not follow from the action alone."""
        source = self.status
        self.status = to or workflow.target(action, source) or source
        self.updated_at = at or self._later()
        self._enter(action, user, source, **more)

    def _enter(self, action: Action, user: User | None, source: Status | None, *, why: str = "", **more: Any) -> None:
        entry = EntryRecord(
            at=self.updated_at,
            action=action,
            user=user,
            role=user.role if user else None,
            from_status=source,
            to_status=self.status,
            reason=workflow.reason_for(action, why=why, changed=more.get("changes", ())),
            **more,
        )
        self.entries.append(entry)

    def _later(self) -> datetime:
        """A moment after the last one: within two days, and not in the future."""
        room = min(self.now - self.updated_at, timedelta(days=2))
        moment = self.updated_at + room * self.dice.uniform(0.05, 0.6)
        return max(self.updated_at, moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def _end_of_day(moment: datetime) -> datetime:
    return moment.replace(hour=17, minute=0, second=0, microsecond=0)
