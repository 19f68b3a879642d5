"""Bringing an edit together with what somebody else changed in the meantime."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.models import Ticket
from tickets.texts.characters import unix_lines

TEXTS = ("title", "description")


@dataclass(frozen=True, slots=True)
class Clash:
    """A text that both have changed, each in their own way."""

    field: str
    mine: str
    theirs: str


def texts_at(ticket: Ticket, version: int) -> dict[str, str]:
    """Title and description as they were at an earlier version, undone from the history."""
    texts = {name: getattr(ticket, name) for name in TEXTS}
    for entry in ticket.history.filter(version__gt=version).newest_first():
        texts |= {name: old for name, (old, _) in entry.changes.items()}
    return texts


def merge(ticket: Ticket, version: int, mine: dict[str, str]) -> tuple[dict[str, str | None], list[Clash]]:
    """What is to be changed (None: as it is), and what clashes.

    A text that only they have changed stays theirs, one that only I have changed becomes mine; differences of line
    ends count as none.
    """
    base = texts_at(ticket, version) if version < ticket.version else {name: getattr(ticket, name) for name in TEXTS}
    changes: dict[str, str | None] = {}
    clashes = []
    for name in TEXTS:
        before, theirs, wanted = unix_lines(base[name]), unix_lines(getattr(ticket, name)), mine[name]
        if wanted in (before, theirs):
            changes[name] = None
        elif before == theirs:
            changes[name] = wanted
        else:
            clashes.append(Clash(name, wanted, getattr(ticket, name)))
    return changes, clashes
