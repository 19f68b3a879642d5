"""The life of a ticket, as data: statuses, severities, the moves between them, and who may make them.

Pure: knows neither database nor HTTP. Actions, import, buttons and the docs' table all come from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Severity(TextChoices):
    EASY = "EASY", _("Easy")
    LOW = "LOW", _("Low")
    MEDIUM = "MEDIUM", _("Medium")
    HIGH = "HIGH", _("High")
    VERY_HIGH = "VERY_HIGH", _("Very high")

    @property
    def rank(self) -> int:
        """0 for the least severe level, 4 for the most."""
        return list(type(self)).index(self)


class Status(TextChoices):
    DRAFT = "DRAFT", _("Waiting for review")
    REVIEW = "REVIEW", _("Sent back")
    PENDING = "PENDING", _("Approved")
    OPEN = "OPEN", _("Being worked on")
    CLOSED = "CLOSED", _("Closed")

    @property
    def rank(self) -> int:
        """0 at the start of a ticket's life, 4 at its end."""
        return list(type(self)).index(self)


class Action(TextChoices):
    """What happened to a ticket, as its history names it."""

    CREATED = "created", _("created")
    APPROVED = "approved", _("approved")
    SEVERITY_CHANGED = "severity_changed", _("severity changed")
    EDITED = "edited", _("edited")
    DELETED = "deleted", _("deleted")
    RESTORED = "restored", _("restored")
    IMPORTED = "imported", _("imported")


class Who(Enum):
    """Who may make a move, in relation to the ticket."""

    ANYONE = "any signed-in person"
    OTHER_MANAGER = "a manager who did not create it"
    AUTHOR_OR_OTHER_MANAGER = "the associate who created it, or a manager who did not"
    CREATOR_OR_MANAGER = "its creator, or any manager"
    DELETER_OR_MANAGER = "who deleted it, or any manager"
    EXTERNAL_SYSTEM = "the external system, by CSV"


class Change(Enum):
    """On what the target of a severity change depends."""

    RISES = "severity rises"
    FALLS = "severity falls"


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move. `target` is None where the status stays as it is."""

    action: Action
    source: Status | None
    target: Status | None
    who: Who
    when: Change | None = None


MOVES: tuple[Move, ...] = (
    Move(Action.CREATED, None, Status.DRAFT, Who.ANYONE),
    Move(Action.APPROVED, Status.DRAFT, Status.PENDING, Who.OTHER_MANAGER),
    Move(Action.SEVERITY_CHANGED, Status.DRAFT, Status.REVIEW, Who.OTHER_MANAGER, when=Change.RISES),
    Move(Action.SEVERITY_CHANGED, Status.DRAFT, Status.PENDING, Who.OTHER_MANAGER, when=Change.FALLS),
    Move(Action.EDITED, Status.REVIEW, Status.DRAFT, Who.AUTHOR_OR_OTHER_MANAGER),
    Move(Action.DELETED, Status.DRAFT, None, Who.CREATOR_OR_MANAGER),
    Move(Action.DELETED, Status.REVIEW, None, Who.CREATOR_OR_MANAGER),
    Move(Action.RESTORED, Status.DRAFT, None, Who.DELETER_OR_MANAGER),
    Move(Action.RESTORED, Status.REVIEW, None, Who.DELETER_OR_MANAGER),
    Move(Action.IMPORTED, Status.PENDING, Status.OPEN, Who.EXTERNAL_SYSTEM),
    Move(Action.IMPORTED, Status.PENDING, Status.CLOSED, Who.EXTERNAL_SYSTEM),
    Move(Action.IMPORTED, Status.OPEN, Status.CLOSED, Who.EXTERNAL_SYSTEM),
)

DELETABLE = frozenset(move.source for move in MOVES if move.action is Action.DELETED)
IMPORT_MOVES = frozenset((move.source, move.target) for move in MOVES if move.action is Action.IMPORTED)
IMPORT_STATUSES = (Status.PENDING, Status.OPEN, Status.CLOSED)


# The words that the contract has for the reason of an entry; `reason_for` puts the others together.
SEVERITY_REASON = "severity changed: "
_REASONS = {
    Action.CREATED: "created",
    Action.APPROVED: "approved",
    Action.DELETED: "soft deleted",
    Action.RESTORED: "restored",
    Action.IMPORTED: "csv import",
}


def reason_for(action: Action, *, why: str = "", changed: Iterable[str] = ()) -> str:
    """What the history says of an action: of a changed severity `why`, of an edit the names of the texts `changed`."""
    match action:
        case Action.SEVERITY_CHANGED:
            return SEVERITY_REASON + why
        case Action.EDITED:
            return f"edited ({', '.join(changed) or 'nothing'})"
        case _:
            return _REASONS[action]


def allows(action: Action, status: Status | str) -> bool:
    """Whether some move of this action starts at this status."""
    return any(move.action is action and move.source == status for move in MOVES)


def after_severity_change(old: Severity, new: Severity) -> Status | None:
    """Where a changed severity leads: up goes back to the author, down is approved, the same goes nowhere."""
    if new.rank == old.rank:
        return None
    when = Change.RISES if new.rank > old.rank else Change.FALLS
    return next(move.target for move in MOVES if move.action is Action.SEVERITY_CHANGED and move.when == when)


def target(action: Action, source: Status | str | None) -> Status | None:
    """The status to which the one move of this action leads from `source`; `source` itself where it stays."""
    move = next(move for move in MOVES if move.action is action and move.source == source)
    return move.target or move.source
