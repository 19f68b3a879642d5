"""What a person is told of what was done and said, newest first, and grouped by ticket."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from tickets.inbox import notifications
from tickets.inbox.models import Told
from tickets.models import HistoryEntry, Ticket

IN_SIGHT = 5  # things of one ticket


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was done, or else something that was `said`."""

    ticket: Ticket
    at: datetime
    is_read: bool
    entry: HistoryEntry | None = None
    said: Told | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """All things of one ticket among those that are shown, newest first."""

    ticket: Ticket
    things: list[Thing]

    @property
    def is_unread(self) -> bool:
        return not all(thing.is_read for thing in self.things)

    @property
    def is_partly_read(self) -> bool:
        return len({thing.is_read for thing in self.things}) > 1

    @property
    def in_sight(self) -> list[Thing]:
        return self.things[:IN_SIGHT]

    @property
    def more(self) -> int:
        return len(self.things[IN_SIGHT:])

    @property
    def mark(self) -> str:
        """What a form names these things by: the ticket, its newest version among them, and what was said unread."""
        version = max((thing.entry.version for thing in self.things if thing.entry), default=0)
        said = [thing.said.pk for thing in self.things if thing.said and not thing.is_read]
        return ".".join(map(str, [self.ticket.pk, version, *said]))


def newest_things(
    user: User,
    *,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    with_read: bool = False,
) -> list[Thing]:
    """The newest `limit`; `since` is exclusive, `until` inclusive.

    Only `with_read` looks up whether what was done is read.
    """
    done = notifications.newest(user, limit=limit, since=since, until=until, with_read=with_read)
    said = notifications.newest_said(user, limit=limit, since=since, until=until)
    things = [
        *(Thing(entry.ticket, entry.created_at, getattr(entry, "is_read", False), entry=entry) for entry in done),
        *(Thing(told.ticket, told.created_at, told.is_read, said=told) for told in said),
    ]
    things.sort(key=lambda thing: thing.at, reverse=True)  # stable: of entries the later version first
    return things[:limit]


def grouped(things: Iterable[Thing]) -> list[Group]:
    """The ticket of the newest thing first."""
    by_ticket: dict[object, list[Thing]] = {}
    for thing in things:
        by_ticket.setdefault(thing.ticket.pk, []).append(thing)
    return [Group(several[0].ticket, several) for several in by_ticket.values()]
