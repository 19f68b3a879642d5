"""People, and tickets in any state, made by the same actions that the product uses."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from django.db import connection, transaction

from accounts.models import Role, User
from config import clock
from tickets import actions
from tickets.comments.actions import add_comment
from tickets.models import Comment, Ticket

PASSWORD = "correct horse battery"
DUE_DATE = datetime(2026, 12, 24, 9, 30, tzinfo=UTC)
_people = count(1)


def person(role: str, *, email: str | None = None, password: str | None = None, **fields: object) -> User:
    """A new person; without `password` one who cannot sign in but may be handed a token."""
    email = email or f"{role.lower()}-{next(_people)}@example.com"
    return User.objects.create_user(email, password, role=role, **fields)


def associate(**fields: object) -> User:
    return person("ASSOCIATE", **fields)  # type: ignore[arg-type]  # e-mail and password are strings


def manager(**fields: object) -> User:
    return person("MANAGER", **fields)  # type: ignore[arg-type]  # e-mail and password are strings


def ticket(
    status: str = "DRAFT",
    *,
    author: User | None = None,
    reviewer: User | None = None,
    title: str = "The printer prints only black pages",
    description: str = "Since this morning, on the second floor.",
    severity: str = "MEDIUM",
    due_date: datetime = DUE_DATE,
) -> Ticket:
    """A ticket that has come to this status by the shortest way.

    One in REVIEW was raised by one level, so `severity` is what it had before.
    """
    made = actions.create_ticket(
        author or associate(), title=title, description=description, due_date=due_date, severity=severity
    )
    return advance(made, status, reviewer=reviewer)


def advance(draft: Ticket, status: str, *, reviewer: User | None = None) -> Ticket:
    """Bring a DRAFT to this status."""
    if status == "DRAFT":
        return draft
    reviewer = reviewer or manager()
    if status == "REVIEW":
        raised = {"EASY": "LOW", "LOW": "MEDIUM", "MEDIUM": "HIGH", "HIGH": "VERY_HIGH"}[draft.severity]
        return actions.change_severity(reviewer, draft.pk, severity=raised, reason="Please say more.")
    approved = actions.approve_ticket(reviewer, draft.pk)
    return approved if status == "PENDING" else import_status(approved, status)


def import_status(pending: Ticket, status: str, *, user: User | None = None) -> Ticket:
    """Move a ticket as the external system would, by a file that `user` has brought (None: the nightly job)."""
    key_type = "uuid" if connection.vendor == "postgresql" else "text"
    moves = (
        f"(SELECT CAST('{pending.pk.hex}' AS {key_type}) AS ticket_id,"
        f" '{pending.status}' AS from_status, '{status}' AS to_status)"
    )
    with transaction.atomic():
        actions.apply_imported_statuses(moves, user=user, at=clock.now())
    pending.refresh_from_db()
    return pending


def deleted(live: Ticket, *, by: User | None = None) -> Ticket:
    return actions.delete_ticket(by or manager(), live.pk)


def set_role(user: User, role: Role | str) -> User:
    """Change a person's role, as the staff admin does."""
    user.role = role
    user.save()
    user.refresh_from_db()
    return user


def restored(gone: Ticket) -> Ticket:
    return actions.restore_ticket(manager(), gone.pk)


def comment(live: Ticket | None, *, author: User | None = None, text: str = "Is it still so?") -> Comment:
    assert live
    return add_comment(author or associate(), live.pk, text=text)
