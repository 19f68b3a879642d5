"""What changes tickets. Each accepted action is one transaction: the change and its one history entry.

Every action judges the ticket as it is once its row is locked (on SQLite, once the write lock of the transaction is
held), so who loses a race gets the answer that a later request would get. Checks go in the order of the contract:
the ticket (TicketNotFound), its version where the caller names the one they saw (ChangedMeanwhile), its state, the
permission on it, the rules of the move. A refusal writes nothing.

Whoever has to hear of it is told in the same transaction (tickets/inbox/telling.py).

Nothing else changes tickets. Those that come with a past, such as a demo's, are written by tickets/backfill, which goes
by the same table of moves.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.idempotency.forms import made_once
from accounts.idempotency.keys import KeyName
from accounts.models import User
from accounts.permissions import require_manager
from config import clock
from tickets import numbering, workflow
from tickets.asking import course
from tickets.errors import (
    ChangedMeanwhile,
    NotDeleted,
    NotInDraft,
    NotInReview,
    NotYours,
    OwnTicket,
    PastDeleting,
    ReasonMissing,
    SameSeverity,
    SeverityMissing,
    TicketNotFound,
)
from tickets.inbox.moved import tell_of_moves
from tickets.inbox.telling import tell_of_action
from tickets.models import HistoryEntry, Ticket, TicketText
from tickets.permissions import may
from tickets.search import folding
from tickets.texts.characters import is_invisible
from tickets.workflow import Action, Severity, Status

# Which versions of the ticket the caller means: the one that they saw, one of several, or (None) whichever it is.
type Version = int | frozenset[int] | None

# A form for a new ticket that is sent a second time within this time makes no second ticket.
FORM = "form of a new ticket"


def create_ticket(user: User, *, title: str, description: str, **fields: Any) -> Ticket:
    """A new DRAFT with the next number of the year. Anybody signed in may create one.

    `fields` are `due_date`, `severity` and, where one was suggested, `ai_suggested_severity`.
    """
    folded = _folded(title=title, description=description)
    return _create(user, folded, title=title, description=description, **fields)


@transaction.atomic
def _create(
    user: User,
    folded: dict[str, str],
    *,
    title: str,
    description: str,
    due_date: datetime,
    severity: Severity | str,
    ai_suggested_severity: Severity | str | None = None,
) -> Ticket:
    number = numbering.take_number()
    ticket = Ticket.objects.create(
        ticket_number=str(number),
        year=number.year,
        sequence=number.sequence,
        title=title,
        description=description,
        due_date=due_date,
        severity=severity,
        ai_suggested_severity=ai_suggested_severity,
        status=Status.DRAFT,
        created_by=user,
        created_at=number.created_at,
        updated_at=number.created_at,
    )
    text = folding.join(ticket_number=ticket.ticket_number, **folded)
    TicketText.objects.create(ticket=ticket, text=text, folding=folding.FOLDING)
    _record(ticket, Action.CREATED, user, from_status=None, to_severity=ticket.severity)
    return ticket


def create_ticket_once(user: User, key: uuid.UUID, **fields: Any) -> Ticket:
    """As create_ticket, but the ticket that this person made with the same key, where there is one."""
    name = KeyName(FORM, key.hex, user.pk)
    folded = _folded(title=fields["title"], description=fields["description"])
    return made_once(name, Ticket, lambda: _create(user, folded, **fields))


@transaction.atomic
def approve_ticket(user: User, ticket_id: uuid.UUID, *, version: Version = None) -> Ticket:
    """DRAFT to PENDING, by a manager who did not create it. Raises ForbiddenRole, NotInDraft, OwnTicket."""
    ticket = _lock_for_review(user, ticket_id, version)
    return _apply(ticket, Action.APPROVED, user, reviewed_by=user)


@transaction.atomic
def change_severity(
    user: User,
    ticket_id: uuid.UUID,
    *,
    severity: Severity | str | None,
    reason: str | None,
    version: Version = None,
) -> Ticket:
    """Up sends a DRAFT back to its author (REVIEW), down approves it (PENDING).

    By a manager who did not create it, with a reason of at most 500 characters. Raises ForbiddenRole, NotInDraft,
    OwnTicket, SeverityMissing, ReasonMissing, SameSeverity.
    """
    ticket = _lock_for_review(user, ticket_id, version)
    if not severity:
        raise SeverityMissing
    reason = (reason or "").strip()
    if is_invisible(reason):
        raise ReasonMissing
    target = workflow.after_severity_change(Severity(ticket.severity), Severity(severity))
    if target is None:
        raise SameSeverity
    return _apply(
        ticket,
        Action.SEVERITY_CHANGED,
        user,
        to=target,
        why=reason,
        severity=Severity(severity),
        reviewed_by=user,
    )


def edit_ticket(
    user: User,
    ticket_id: uuid.UUID,
    *,
    title: str | None = None,
    description: str | None = None,
    version: Version = None,
) -> Ticket:
    """REVIEW back to DRAFT with a new title, description or both; the present text again resubmits.

    By the associate who created it or a manager who did not. None leaves a text as it is. Raises NotInReview,
    NotYours.
    """
    sent = {"title": title, "description": description}
    texts = {name: text for name, text in sent.items() if text is not None}
    return _edit(user, ticket_id, texts, _folded(**texts), version)


@transaction.atomic
def _edit(user: User, ticket_id: uuid.UUID, sent: dict[str, str], folded: dict[str, str], version: Version) -> Ticket:
    ticket = _lock(ticket_id, version)
    if not workflow.allows(Action.EDITED, ticket.status):
        raise NotInReview
    if not may(user, Action.EDITED, ticket):
        raise NotYours
    changes = {name: [getattr(ticket, name), text] for name, text in sent.items() if text != getattr(ticket, name)}
    texts = {name: new for name, (_, new) in changes.items()}
    _apply(ticket, Action.EDITED, user, changes=changes, **texts)
    if changes:
        _change_search_text(ticket, {name: folded[name] for name in changes})
    return ticket


@transaction.atomic
def delete_ticket(user: User, ticket_id: uuid.UUID, *, version: Version = None) -> Ticket:
    """Take a DRAFT or REVIEW ticket out of sight, by its creator or a manager. Raises PastDeleting, NotYours."""
    ticket = _lock(ticket_id, version)
    if not workflow.allows(Action.DELETED, ticket.status):
        raise PastDeleting
    if not may(user, Action.DELETED, ticket):
        raise NotYours
    at = clock.Present(not_before=ticket.updated_at)
    return _apply(ticket, Action.DELETED, user, updated_at=at, deleted_at=at, deleted_by=user)


@transaction.atomic
def restore_ticket(user: User, ticket_id: uuid.UUID, *, version: Version = None) -> Ticket:
    """Bring a deleted ticket back as it was, by who deleted it or a manager. Raises NotDeleted, NotYours."""
    ticket = _lock(ticket_id, version, deleted=True)
    if ticket.deleted_at is None:
        raise NotDeleted
    if not may(user, Action.RESTORED, ticket):
        raise NotYours
    return _apply(ticket, Action.RESTORED, user, deleted_at=None, deleted_by=None)


def apply_imported_statuses(moves: str, *, user: User | None, at: datetime) -> int:
    """Move many tickets at once, as the external system reported; the number of tickets moved.

    `moves` is SQL for a relation with the columns ticket_id, from_status and to_status: one row for each ticket, each
    a legal import move of a ticket that is locked or, on SQLite, cannot change before the transaction ends. `user` is
    who brought the file, None for the nightly job. Call inside a transaction.
    """
    moved = _move_imported(moves, at)
    if (written := _write_imported(moves, user)) != moved:
        raise RuntimeError(f"{moved} tickets moved but {written} history entries were written.")
    tell_of_moves(moves, user, at)
    return moved


def _move_imported(moves: str, at: datetime) -> int:
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {Ticket._meta.db_table} SET status = moves.to_status, version = version + 1,
                updated_at = CASE WHEN updated_at > %s THEN updated_at ELSE %s END
            FROM {moves} AS moves
            WHERE id = moves.ticket_id AND status = moves.from_status AND deleted_at IS NULL
            """,  # noqa: S608  # nosec B608 # the names are the models' and the caller's own
            [moment, moment],
        )
        moved: int = cursor.rowcount
    return moved


def _write_imported(moves: str, user: User | None) -> int:
    """Write the entries of tickets that are moved already; the number of entries.

    The entries come with their hashes, which the trigger that makes them otherwise takes twice as long for: it is asked
    for each row, and on SQLite writes each a second time. MATERIALIZED has each salt be taken once.
    """
    ticket, entry = Ticket._meta.db_table, HistoryEntry._meta.db_table
    actor = (None, None) if user is None else (User._meta.pk.get_db_prep_value(user.pk, connection), user.role)
    action, reason = Action.IMPORTED.value, workflow.reason_for(Action.IMPORTED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {entry} (id, ticket_id, version, created_at, user_id, actor_role, action,
                from_status, to_status, reason, changes, salt, texts_hash, hash)
            WITH moved AS MATERIALIZED (
                SELECT {_RANDOM_UUID[connection.vendor]} AS id, ticket.id AS ticket_id, ticket.version,
                    ticket.updated_at, moves.from_status, moves.to_status, before.hash AS before, tickets_salt() AS salt
                FROM {moves} AS moves JOIN {ticket} AS ticket ON ticket.id = moves.ticket_id
                    LEFT JOIN {entry} AS before
                        ON before.ticket_id = ticket.id AND before.version = ticket.version - 1
            ), hashed AS MATERIALIZED (
                SELECT moved.*, tickets_texts_hash(salt, %s, '{{}}', NULL, NULL) AS texts_hash FROM moved
            )
            SELECT id, ticket_id, version, updated_at, %s, %s, %s, from_status, to_status, %s, '{{}}', salt, texts_hash,
                CASE WHEN before IS NOT NULL THEN tickets_entry_hash(
                    ticket_id, id, version, updated_at, %s, %s, %s, from_status, to_status, NULL, NULL, texts_hash,
                    before, NULL, NULL, NULL
                ) END
            FROM hashed
            """,  # noqa: S608  # nosec B608 # the same
            [reason, *actor, action, reason, action, *actor],
        )
        written: int = cursor.rowcount
    return written


# A random UUID (version 4) made by the database itself.
_RANDOM_UUID = {
    "postgresql": "gen_random_uuid()",
    "sqlite": "lower(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2)"
    " || substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(8)), 2))",
}


def _lock(ticket_id: uuid.UUID, version: Version = None, *, deleted: bool = False) -> Ticket:
    """The ticket with its row locked to the end of the transaction; `deleted` lets deleted ones be found as well.

    `version` is the optimistic half of locking: people look at a ticket for minutes, during which no row can stay
    locked, so they say which version they saw. The lock is the other half: the version is compared once the row is
    held, so it cannot change between the comparison and the write, and of two people who saw the same version the
    second is told (ChangedMeanwhile). To update `WHERE version = …` without a lock would refuse the second one as
    well, but could not say whether version, state or permission was the reason, whose order the contract fixes.
    """
    tickets = Ticket.objects.all() if deleted else Ticket.objects.live()
    ticket = tickets.select_for_update().filter(pk=ticket_id).first()
    if ticket is None:
        raise TicketNotFound
    if version is not None and ticket.version not in ({version} if isinstance(version, int) else version):
        raise ChangedMeanwhile(ticket)
    return ticket


def _lock_for_review(user: User, ticket_id: uuid.UUID, version: Version) -> Ticket:
    require_manager(user)
    ticket = _lock(ticket_id, version)
    if not workflow.allows(Action.APPROVED, ticket.status):
        raise NotInDraft
    if not may(user, Action.APPROVED, ticket):
        raise OwnTicket
    return ticket


def _apply(
    ticket: Ticket,
    action: Action,
    user: User,
    *,
    to: Status | None = None,
    why: str = "",
    changes: dict[str, list[str]] | None = None,
    **fields: Any,
) -> Ticket:
    """Write a legal move: the ticket's new fields and version, and its history entry.

    `to` is the target where the table of moves has more than one for this action and status, `why` the reason of a
    changed severity.
    """
    from_status, from_severity = ticket.status, ticket.severity
    fields = {"updated_at": clock.Present(not_before=ticket.updated_at)} | fields
    fields |= {"status": to or workflow.target(action, from_status), "version": ticket.version + 1}
    for name, value in fields.items():
        setattr(ticket, name, value)
    ticket.save(update_fields=list(fields))
    if from_status == Status.DRAFT != ticket.status:
        course.settle(ticket.pk)
    severities = {"from_severity": from_severity, "to_severity": ticket.severity} if "severity" in fields else {}
    _record(ticket, action, user, from_status=from_status, why=why, changes=changes, **severities)
    return ticket


def _record(
    ticket: Ticket,
    action: Action,
    user: User,
    *,
    why: str = "",
    changes: dict[str, list[str]] | None = None,
    **entry: Any,
) -> None:
    written = HistoryEntry.objects.create(
        ticket=ticket,
        version=ticket.version,
        created_at=ticket.updated_at,
        user=user,
        actor_role=user.role,
        action=action,
        to_status=ticket.status,
        reason=workflow.reason_for(action, why=why, changed=changes or ()),
        changes=changes or {},
        **entry,
    )
    tell_of_action(ticket, written)


def _folded(**texts: str) -> dict[str, str]:
    """The folded texts. Call it before anything is locked: folding the longest takes some hundredths of a second."""
    return {name: folding.fold(text) for name, text in texts.items()}


def _change_search_text(ticket: Ticket, folded: dict[str, str]) -> None:
    """Replace what was edited in the stored search text. Its `folding` stays: the rest is as it was folded before."""
    row = TicketText.objects.get(ticket=ticket)
    TicketText.objects.filter(ticket=ticket).update(text=folding.with_changed(row.text, folded))
