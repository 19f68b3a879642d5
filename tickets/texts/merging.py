"""Bringing an edit together with what somebody else changed in the meantime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tickets.texts.characters import unix_lines


@dataclass(frozen=True, slots=True)
class Clash:
    """A text that both have changed, each in their own way."""

    field: str
    mine: str
    theirs: str


def merge(
    base: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]
) -> tuple[dict[str, str | None], list[Clash]]:
    """What is to be changed (None: as it is), and what clashes.

    All three have the same texts by name: `base` as both began with them, `theirs` as they are stored now, `mine` as
    they came in. A text that only they have changed stays theirs, one that only I have changed becomes mine;
    differences of line ends count as none.
    """
    changes: dict[str, str | None] = {}
    clashes = []
    for name, stored in theirs.items():
        before, now, wanted = unix_lines(base[name]), unix_lines(stored), mine[name]
        if wanted in (before, now):
            changes[name] = None
        elif before == now:
            changes[name] = wanted
        else:
            clashes.append(Clash(name, wanted, stored))
    return changes, clashes
