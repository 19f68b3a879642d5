"""A client that reads along by `GET /events`, as docs/api.md says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

type Event = dict[str, Any]


@dataclass
class Follower:
    """`ask` gets a path and returns the JSON of an answer, or None where there was none, which is tried again later.

    `told` is what it has been told of, in that order.
    """

    ask: Callable[[str], Any]
    limit: int = 7
    after: str = ""
    told: list[Event] = field(default_factory=list)

    def poll(self) -> None:
        """Read to the end."""
        while True:
            answer = self.ask(f"/events?limit={self.limit}&after={self.after}")
            if answer is None:
                return
            items, self.after = answer["items"], answer["next"]
            assert len(items) <= self.limit
            assert not items or items[-1]["cursor"] == self.after
            self.told += items
            if len(items) < self.limit:
                return

    def versions(self) -> dict[str, list[int]]:
        """The versions of each ticket in the order in which they were told."""
        found: dict[str, list[int]] = {}
        for event in self.told:
            found.setdefault(event["ticketId"], []).append(event["version"])
        return found

    def statuses(self) -> dict[str, tuple[str, bool]]:
        """The status of each ticket that something was told of, as it is now, and whether it is deleted."""
        found: dict[str, tuple[str, bool]] = {}
        for event in self.told:
            status, deleted = found.get(event["ticketId"], ("", False))
            deleted = {"deleted": True, "restored": False}.get(event["type"], deleted)
            found[event["ticketId"]] = (event["toStatus"] or status, deleted)
        return found
