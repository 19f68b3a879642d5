"""What the contract says of tickets, as little Python as will do. It imports nothing of the product that it judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

LEVELS = ("EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH")
STATUSES = ("DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED")
MANAGER, ASSOCIATE = "MANAGER", "ASSOCIATE"

# Which versions a request names; None where it names none, so that any will do.
type Match = frozenset[int] | None


class Refused(Exception):
    """`status` and `code` are those of the API's answer."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        super().__init__(f"{status} {code}")


@dataclass
class Person:
    name: str
    role: str
    id: str = ""
    active: bool = True

    @property
    def is_manager(self) -> bool:
        return self.role == MANAGER


@dataclass(frozen=True)
class Entry:
    """`user` and `role` are None for the external system."""

    ticket: str
    version: int
    action: str
    user: str | None
    role: str | None
    from_status: str | None
    to_status: str
    from_severity: str | None
    to_severity: str | None
    reason: str
    changes: dict[str, list[str]]


@dataclass(frozen=True)
class Remark:
    """What was done with a comment: `commented`, `comment_edited` or `comment_removed`. `version` is its ticket's."""

    ticket: str
    version: int
    action: str
    user: str
    comment: str


@dataclass
class Comment:
    """`earlier` are the texts that it had before, the oldest first; one that was removed has no other."""

    id: str
    ticket: str
    author: str
    text: str
    is_question: bool
    is_edited: bool = False
    remover: str | None = None
    earlier: list[str] = field(default_factory=list)


@dataclass
class Ticket:
    """Times are those that the database has told: the model knows which of them change, and not what they are."""

    id: str
    number: str
    title: str
    description: str
    due: datetime
    severity: str
    suggested: str | None
    creator: str
    status: str = "DRAFT"
    reviewer: str | None = None
    deleter: str | None = None
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    history: list[Entry] = field(default_factory=list)


@dataclass
class Desk:
    """`steps` has what each step has done, in the order of the steps; within one there may be any order."""

    year: int
    tickets: dict[str, Ticket] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    steps: list[list[Entry | Remark]] = field(default_factory=lambda: [[]])

    # --- Looking ------------------------------------------------------------------------------------------------------

    def live(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets.values() if ticket.deleter is None]

    def visible(self, by: Person, id: str) -> Ticket | None:
        """As pages and bulk see it: deleted tickets are there for those who may restore them."""
        ticket = self.tickets.get(id)
        seen = ticket is not None and (ticket.deleter in (None, by.id) or by.is_manager)
        return ticket if seen else None

    def find(self, id: str) -> Ticket:
        ticket = self.tickets.get(id)
        if ticket is None or ticket.deleter is not None:
            raise Refused(404, "ticket_not_found")
        return ticket

    def numbered(self, number: str) -> Ticket | None:
        return next((ticket for ticket in self.tickets.values() if ticket.number == number), None)

    # --- Acting -------------------------------------------------------------------------------------------------------

    def create(self, by: Person, id: str, **fields: object) -> Ticket:
        number = f"TKT-{self.year}-{len(self.tickets) + 1:06d}"
        ticket = Ticket(id=id, number=number, creator=by.id, **fields)  # type: ignore[arg-type]  # as the fields are named
        self.tickets[id] = ticket
        return self._note(ticket, by, "created", "created", None, to_severity=ticket.severity)

    def edit(self, by: Person, id: str, match: Match, texts: dict[str, str]) -> Ticket:
        ticket = self._expected(self.find(id), match)
        if ticket.status != "REVIEW":
            raise Refused(400, "not_in_review")
        if by.is_manager == (ticket.creator == by.id):
            raise Refused(403, "not_allowed_on_this_ticket")
        changes: dict[str, list[str]] = {
            name: [getattr(ticket, name), texts[name]]
            for name in ("title", "description")
            if name in texts and texts[name] != getattr(ticket, name)
        }
        for name, (_old, new) in changes.items():
            setattr(ticket, name, new)
        ticket.status = "DRAFT"
        reason = f"edited ({', '.join(changes) or 'nothing'})"
        return self._note(ticket, by, "edited", reason, "REVIEW", changes=changes)

    def review(
        self, by: Person, id: str, match: Match, action: str, severity: str | None = None, reason: str | None = None
    ) -> Ticket:
        ticket = self._expected(self.find(id), match)
        if ticket.status != "DRAFT":
            raise Refused(400, "not_in_draft")
        if ticket.creator == by.id:
            raise Refused(403, "own_ticket")
        if action == "APPROVE":
            ticket.status, ticket.reviewer = "PENDING", by.id
            return self._note(ticket, by, "approved", "approved", "DRAFT")
        return self._change_severity(by, ticket, severity, (reason or "").strip())

    def _change_severity(self, by: Person, ticket: Ticket, severity: str | None, reason: str) -> Ticket:
        if severity is None:
            raise Refused(400, "new_severity_required")
        if not reason:
            raise Refused(400, "reason_required")
        if severity == ticket.severity:
            raise Refused(400, "same_severity")
        old, ticket.severity = ticket.severity, severity
        ticket.status = "REVIEW" if LEVELS.index(severity) > LEVELS.index(old) else "PENDING"
        ticket.reviewer = by.id
        said = f"severity changed: {reason}"
        return self._note(ticket, by, "severity_changed", said, "DRAFT", from_severity=old, to_severity=severity)

    def delete(self, by: Person, id: str, match: Match) -> Ticket:
        ticket = self._expected(self.find(id), match)
        if ticket.status not in ("DRAFT", "REVIEW"):
            raise Refused(400, "past_deleting")
        if not by.is_manager and ticket.creator != by.id:
            raise Refused(403, "not_allowed_on_this_ticket")
        ticket.deleter = by.id
        return self._note(ticket, by, "deleted", "soft deleted", ticket.status)

    def restore(self, by: Person, id: str, match: Match) -> Ticket:
        ticket = self.tickets.get(id)
        if ticket is None:
            raise Refused(404, "ticket_not_found")
        self._expected(ticket, match)
        if ticket.deleter is None:
            raise Refused(400, "not_deleted")
        if not by.is_manager and ticket.deleter != by.id:
            raise Refused(403, "not_allowed_on_this_ticket")
        ticket.deleter = None
        return self._note(ticket, by, "restored", "restored", ticket.status)

    def bulk(
        self,
        by: Person,
        action: str,
        ids: list[str],
        versions: dict[str, int],
        severity: str | None,
        reason: str | None,
    ) -> list[tuple[bool, str | None]]:
        """Of each id whether it was done, and else the code."""
        return [self._one_of_many(by, action, id, versions.get(id), severity, reason) for id in ids]

    def _one_of_many(
        self, by: Person, action: str, id: str, version: int | None, severity: str | None, reason: str | None
    ) -> tuple[bool, str | None]:
        match = None if version is None else frozenset({version})
        acts: dict[str, Callable[[], Ticket]] = {
            "DELETE": lambda: self.delete(by, id, match),
            "RESTORE": lambda: self.restore(by, id, match),
        }
        try:
            if self.visible(by, id) is None:
                raise Refused(404, "ticket_not_found")
            acts.get(action, lambda: self.review(by, id, match, action, severity, reason))()
        except Refused as refusal:
            return False, refusal.code
        return True, None

    def imported(self, ticket: Ticket, status: str, by: Person | None) -> None:
        old, ticket.status = ticket.status, status
        self._note(ticket, by, "imported", "csv import", old)

    # --- Saying -------------------------------------------------------------------------------------------------------

    def comment(self, id: str) -> Comment:
        """One that is there or was removed, on a ticket that is there."""
        comment = self.comments.get(id)
        if comment is None:
            raise Refused(404, "comment_not_found")
        self.find(comment.ticket)
        return comment

    def present_comment(self, id: str) -> Comment:
        comment = self.comment(id)
        if comment.remover is not None:
            raise Refused(404, "comment_not_found")
        return comment

    def say(self, by: Person, ticket: str, id: str, text: str, is_question: bool) -> Comment:
        self.find(ticket)
        comment = self.comments[id] = Comment(id, ticket, by.id, text, is_question)
        return self._remark(comment, by, "commented")

    def say_otherwise(self, by: Person, id: str, text: str) -> Comment:
        comment = self.present_comment(id)
        if comment.author != by.id:
            raise Refused(403, "not_your_comment")
        if text == comment.text:
            return comment
        comment.earlier.append(comment.text)
        comment.text, comment.is_edited = text, True
        return self._remark(comment, by, "comment_edited")

    def take_back(self, by: Person, id: str) -> Comment:
        comment = self.present_comment(id)
        if comment.author != by.id and not by.is_manager:
            raise Refused(403, "not_your_comment")
        comment.earlier.append(comment.text)
        comment.text, comment.remover = "", by.id
        return self._remark(comment, by, "comment_removed")

    def _remark(self, comment: Comment, by: Person, action: str) -> Comment:
        version = self.tickets[comment.ticket].version
        self.steps[-1].append(Remark(comment.ticket, version, action, by.id, comment.id))
        return comment

    def _expected(self, ticket: Ticket, match: Match) -> Ticket:
        if match is not None and ticket.version not in match:
            raise Refused(412, "changed_meanwhile")
        return ticket

    def _note(
        self,
        ticket: Ticket,
        by: Person | None,
        action: str,
        reason: str,
        from_status: str | None,
        *,
        from_severity: str | None = None,
        to_severity: str | None = None,
        changes: dict[str, list[str]] | None = None,
    ) -> Ticket:
        ticket.version += 1
        entry = Entry(
            ticket.id,
            ticket.version,
            action,
            by.id if by else None,
            by.role if by else None,
            from_status,
            ticket.status,
            from_severity,
            to_severity,
            reason,
            changes or {},
        )
        ticket.history.append(entry)
        self.steps[-1].append(entry)
        return ticket
