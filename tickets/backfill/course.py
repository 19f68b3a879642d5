"""The way of one ticket through its entries by the table of moves, and what breaks it.

`tickets/backfill/replay.py` takes records of a past through it before they are written, and an audit takes what stands
in the database through it again (tickets/audit/histories.py). Ids and times are whatever the caller has for them, as
long as equal ones are equal and times can be put in order: an audit of a million tickets has no time for objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from accounts.models import Role
from tickets import workflow
from tickets.backfill.errors import Rule
from tickets.backfill.limits import TEXTS, is_severity_reason
from tickets.permissions import fits
from tickets.workflow import MOVES, Action, Severity

# Who may make the move of an action from one status to another.
WHO = {(move.action, move.source, move.target or move.source): move.who for move in MOVES}


class Step(NamedTuple):
    """What an entry says. Of one that was `erased` nobody knows the texts any more."""

    action: Action | str
    actor: Any
    role: str | None
    from_status: str | None
    to_status: str
    from_severity: str | None
    to_severity: str | None
    at: Any
    reason: str
    changes: Mapping[str, Sequence[str]]
    erased: bool = False


class Situation(NamedTuple):
    """All by which a step is judged, its time and its texts aside: where the ticket stands, and what the step says."""

    is_first: bool
    status: str | None
    severity: str | None
    is_deleted: bool
    action: Action | str
    role: str | None
    has_actor: bool
    is_creator: bool
    is_deleter: bool
    from_status: str | None
    to_status: str
    from_severity: str | None
    to_severity: str | None


class Standing(NamedTuple):
    """How a ticket stands, as its own row says."""

    status: str
    severity: str
    title: str
    description: str
    reviewer: Any
    deleted_at: Any
    deleted_by: Any
    created_at: Any
    updated_at: Any


class Course:
    """`texts` are those that an edit has set so far; what the ticket began with, its entries do not tell."""

    def __init__(self, author: Any) -> None:
        self.author = author
        self.version = 0
        self.status: str | None = None
        self.severity: str | None = None
        self.reviewer: Any = None
        self.deleted_at: Any = None
        self.deleted_by: Any = None
        self.created_at: Any = None
        self.updated_at: Any = None
        self.texts: dict[str, str] = {}

    def broken_rule(self, step: Step) -> Rule | None:
        """The rule that this step breaks as the next one, that of times aside; None for a good one."""
        action, actor, role, *moved = step[:7]
        rule = _broken_by_move(
            self.version == 0,
            self.status,
            self.severity,
            self.deleted_at is not None,
            action,
            role,
            actor is not None,
            actor == self.author,
            actor == self.deleted_by,
            *moved,
        )
        if rule or step.erased:
            return rule
        if step.changes and (rule := self._broken_by_changes(step)):
            return rule
        return None if _is_reason(step) else Rule.REASON

    def take(self, step: Step) -> None:
        """Go on by a good step."""
        self.version += 1
        self.status, self.updated_at = step.to_status, step.at
        self.severity = step.to_severity or self.severity
        for name, (_old, new) in step.changes.items():
            self.texts[name] = new
        match step.action:
            case Action.CREATED:
                self.created_at = step.at
            case Action.APPROVED | Action.SEVERITY_CHANGED:
                self.reviewer = step.actor
            case Action.DELETED:
                self.deleted_at, self.deleted_by = step.at, step.actor
            case Action.RESTORED:
                self.deleted_at = self.deleted_by = None

    def differences(self, ticket: Standing) -> Iterator[Rule]:
        """In what the ticket is not as its entries have left it."""
        if ticket.status != self.status:
            yield Rule.ENDS_AT_STATUS
        if ticket.severity != self.severity:
            yield Rule.ENDS_AT_SEVERITY
        if any(getattr(ticket, name) != text for name, text in self.texts.items()):
            yield Rule.ENDS_AT_TEXT
        if ticket.reviewer != self.reviewer:
            yield Rule.ENDS_AT_REVIEWER
        if (ticket.deleted_at, ticket.deleted_by) != (self.deleted_at, self.deleted_by):
            yield Rule.ENDS_AT_DELETION
        if (ticket.created_at, ticket.updated_at) != (self.created_at, self.updated_at):
            yield Rule.ENDS_AT_TIMES

    def _broken_by_changes(self, step: Step) -> Rule | None:
        if step.action != Action.EDITED or not step.changes.keys() <= TEXTS.keys():
            return Rule.CHANGES
        for name, (old, new) in step.changes.items():
            if old != self.texts.get(name, old) or old == new:
                return Rule.CHANGES
            is_text, rule = TEXTS[name]
            if not (is_text(old) and is_text(new)):
                return rule
        return None


@lru_cache(maxsize=4096)
def _broken_by_move(*situation: Any) -> Rule | None:
    """The rule that a step breaks in a Situation, its time and its texts aside.

    It depends on so little that the same few answers hold for a million tickets: each is found once and kept.
    """
    now = Situation._make(situation)
    if (now.action == Action.CREATED) != now.is_first:
        return Rule.BEGINS_WITH_CREATION
    if (
        (now.action, now.from_status, now.to_status) not in WHO
        or now.from_status != now.status
        or (now.action == Action.RESTORED) != now.is_deleted
    ):
        return Rule.MOVE
    if not _may_take(now):
        return Rule.ACTOR
    return None if _severities_fit(now) else Rule.SEVERITY


def _may_take(now: Situation) -> bool:
    if not now.has_actor or now.role is None:
        return not now.has_actor and now.role is None and now.action == Action.IMPORTED
    if now.role not in Role:
        return False
    is_manager = now.role == Role.MANAGER
    match now.action:
        case Action.CREATED:
            return now.is_creator
        case Action.IMPORTED:
            return is_manager
    who = WHO[Action(now.action), now.from_status, now.to_status]  # type: ignore[index]  # as was just looked up
    return fits(who, is_manager=is_manager, is_creator=now.is_creator, is_deleter=now.is_deleter)


def _severities_fit(now: Situation) -> bool:
    old, new = now.from_severity, now.to_severity
    if now.action == Action.CREATED:
        return old is None and new is not None
    if now.action != Action.SEVERITY_CHANGED:
        return old is None and new is None
    if old is None or new is None or old != now.severity or new not in Severity:
        return False
    return workflow.after_severity_change(Severity(old), Severity(new)) == now.to_status


def _is_reason(step: Step) -> bool:
    """Whether it is what tickets/actions.py would have written."""
    if step.action == Action.SEVERITY_CHANGED:
        why = step.reason.removeprefix(workflow.SEVERITY_REASON)
        return why != step.reason and is_severity_reason(why)
    changed = tuple(name for name in TEXTS if name in step.changes) if step.changes else ()
    return step.reason == _reason_for(step.action, changed)


@cache
def _reason_for(action: str, changed: tuple[str, ...]) -> str:
    """Of the few legal actions and texts, so this keeps a dozen."""
    return workflow.reason_for(Action(action), changed=changed)
