"""Who may do what with a given ticket, read from the table of moves. Used by actions, pages and templates."""

from __future__ import annotations

from accounts.models import User
from tickets.models import Ticket
from tickets.workflow import MOVES, Action, Who


def fits(who: Who, *, is_manager: bool, is_creator: bool, is_deleter: bool) -> bool:
    """Whether somebody of whom this is so is one of those who may make a move."""
    match who:
        case Who.ANYONE:
            return True
        case Who.OTHER_MANAGER:
            return is_manager and not is_creator
        case Who.AUTHOR_OR_OTHER_MANAGER:
            return is_manager != is_creator
        case Who.CREATOR_OR_MANAGER:
            return is_manager or is_creator
        case Who.DELETER_OR_MANAGER:
            return is_manager or is_deleter
        case Who.EXTERNAL_SYSTEM:
            return False


def _fits(who: Who, user: User, ticket: Ticket) -> bool:
    is_creator, is_deleter = ticket.created_by_id == user.pk, ticket.deleted_by_id == user.pk
    return fits(who, is_manager=user.is_manager, is_creator=is_creator, is_deleter=is_deleter)


def may(user: User, action: Action, ticket: Ticket) -> bool:
    """Whether this person may do this to this ticket, its state aside."""
    return any(_fits(move.who, user, ticket) for move in MOVES if move.action is action)


def can(user: User, action: Action, ticket: Ticket) -> bool:
    """Whether this person may do this to this ticket now."""
    if ticket.deleted_at is not None and action is not Action.RESTORED:
        return False
    if ticket.deleted_at is None and action is Action.RESTORED:
        return False
    return any(
        move.source == ticket.status and _fits(move.who, user, ticket) for move in MOVES if move.action is action
    )


def can_review(user: User, ticket: Ticket) -> bool:
    return can(user, Action.APPROVED, ticket)


def can_edit(user: User, ticket: Ticket) -> bool:
    return can(user, Action.EDITED, ticket)


def can_delete(user: User, ticket: Ticket) -> bool:
    return can(user, Action.DELETED, ticket)


def can_restore(user: User, ticket: Ticket) -> bool:
    return can(user, Action.RESTORED, ticket)
