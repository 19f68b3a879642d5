"""What a person is told of, grouped by ticket."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from tickets.following.reading import following_of
from tickets.inbox.models import Kind, Told
from tickets.models import Ticket

IN_SIGHT = 5  # things of one ticket


@dataclass(frozen=True, slots=True)
class Group:
    """All things of one ticket among those that are shown, newest first.

    `reasons` are why the person follows it, empty where they do not. `is_open`: they can open it. Of a deleted ticket
    nobody is told more than its number but who may still see it, and its author.
    """

    ticket: Ticket
    things: list[Told]
    reasons: list[Any]
    is_open: bool
    has_title: bool

    @property
    def waits_for_review(self) -> bool:
        return any(thing.kind == Kind.DRAFT for thing in self.things)

    @property
    def is_unread(self) -> bool:
        return not all(thing.is_read for thing in self.things)

    @property
    def is_partly_read(self) -> bool:
        return len({thing.is_read for thing in self.things}) > 1

    @property
    def in_sight(self) -> list[Told]:
        return self.things[:IN_SIGHT]

    @property
    def more(self) -> int:
        return len(self.things[IN_SIGHT:])


def grouped(user: User, things: Iterable[Told]) -> list[Group]:
    """The ticket of the newest thing first. The things have been loaded with their reasons."""
    by_ticket: dict[object, list[Told]] = {}
    for thing in things:
        by_ticket.setdefault(thing.ticket_id, []).append(thing)
    return [_group(user, several) for several in by_ticket.values()]


def _group(user: User, things: list[Told]) -> Group:
    newest = things[0]
    following = following_of(user, newest.ticket, newest)
    reasons = [reason.label for reason in following.reasons] if following.is_following else []
    has_title = newest.is_open or newest.ticket.created_by_id == user.pk
    return Group(newest.ticket, things, reasons, is_open=newest.is_open, has_title=has_title)
