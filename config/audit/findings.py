"""What an audit is asked, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from config.audit.assistants import Assistant


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot have come about by the product itself. `subject` is the number of a ticket, or what else
    it is about; `advice` says what to do."""

    subject: str
    problem: str
    advice: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.problem} {self.advice}"


@dataclass(slots=True)
class Scope:
    """What to audit: all, or the ticket with this number. Checks enter into `looked_at` how much they have seen.

    `since` is a seal to compare with. Where `wants_seal` says so, `seal` becomes one of what was audited. The
    snapshot only reads, so what a check has to write it leaves in `afterwards`, which is called once the audit is kept.

    `processes` is how many may take part; `assistants` are those besides this one that do (config/audit/sharing.py).
    """

    ticket: str | None = None
    since: str | None = None
    wants_seal: bool = False
    looked_at: dict[str, int] = field(default_factory=dict)
    seal: str | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    processes: int = 1
    assistants: list[Assistant] = field(default_factory=list)

    def count(self, **seen: int) -> None:
        """Add to what was looked at already."""
        for things, number in seen.items():
            self.looked_at[things] = self.looked_at.get(things, 0) + number


def in_words(looked_at: dict[str, int]) -> str:
    """How much an audit has seen: `1 year, 300 tickets, 1 entry`."""
    return ", ".join(f"{count} {_one(things) if count == 1 else things}" for things, count in looked_at.items())


def _one(things: str) -> str:
    return f"{things[:-3]}y" if things.endswith("ies") else things.removesuffix("s")
