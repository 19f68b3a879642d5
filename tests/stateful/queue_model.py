"""What the queue of each manager is, by what the desk promises of deciding. Knows nothing of the product.

Times are minutes since the beginning; nothing happens at the same minute by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LEVELS = ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
LEASE_MINUTES = 5
QUESTION_MINUTES = 7 * 24 * 60


class Refused(Exception):
    """It is not done, and nothing changes."""


@dataclass
class Question:
    asker: str
    until: int
    ended: bool = False


@dataclass
class Ticket:
    """`changed` orders tickets by their last change; `round` counts what was done to it."""

    name: str
    author: str
    severity: str
    changed: int
    status: str = "DRAFT"
    deleted: bool = False
    reviewer: str = ""
    round: int = 1
    questions: list[Question] = field(default_factory=list)


@dataclass
class Aside:
    kind: str
    round: int
    order: int
    until: int | None = None


class Model:
    def __init__(self, managers: set[str]) -> None:
        self.managers = managers
        self.tickets: dict[str, Ticket] = {}
        self.aside: dict[tuple[str, str], Aside] = {}  # by manager and ticket
        self.leases: dict[str, tuple[str, int, int]] = {}  # of each ticket: by whom, since which step, until when
        self.minute = 0
        self.step = 0

    def tick(self) -> int:
        self.step += 1
        return self.step

    # --- What is asked ------------------------------------------------------------------------------------------------

    def may_decide(self, manager: str, ticket: Ticket) -> bool:
        return manager in self.managers and ticket.author != manager

    def is_asked(self, ticket: Ticket) -> bool:
        return any(not question.ended and question.until > self.minute for question in ticket.questions)

    def is_held(self, name: str) -> bool:
        return name in self.leases and self.leases[name][2] > self.minute

    def put_aside(self, manager: str, ticket: Ticket) -> Aside | None:
        """What holds of it at present."""
        found = self.aside.get((manager, ticket.name))
        if found is None or found.round != ticket.round:
            return None
        return None if found.until is not None and found.until <= self.minute else found

    def queue(self, manager: str) -> list[str]:
        found = []
        for ticket in self.tickets.values():
            aside = self.put_aside(manager, ticket)
            held = self.is_held(ticket.name) and self.leases[ticket.name][0] != manager
            if ticket.status != "DRAFT" or ticket.deleted or not self.may_decide(manager, ticket):
                continue
            if self.is_asked(ticket) or held or (aside and aside.kind != "SKIPPED"):
                continue
            asked = any(question.asker == manager for question in ticket.questions)
            turn = 0 if ticket.reviewer == manager else 1 if asked else 2
            skipped = aside.order if aside else -1
            found.append((skipped, turn, -LEVELS.index(ticket.severity), ticket.changed, ticket.name))
        return [name for *_order, name in sorted(found)]

    # --- What is done -------------------------------------------------------------------------------------------------

    def create(self, name: str, author: str, severity: str) -> None:
        self.tickets[name] = Ticket(name, author, severity, self.tick())

    def act(self, name: str, status: str, **fields: str) -> None:
        ticket = self.tickets[name]
        if ticket.status == "DRAFT" != status:
            ticket.questions = []
        ticket.status, ticket.round, ticket.changed = status, ticket.round + 1, self.tick()
        for field_name, value in fields.items():
            setattr(ticket, field_name, value)

    def decide(self, manager: str, name: str, severity: str) -> None:
        """The present severity approves."""
        ticket = self.tickets[name]
        if ticket.deleted or ticket.status != "DRAFT" or not self.may_decide(manager, ticket):
            raise Refused
        rises = LEVELS.index(severity) > LEVELS.index(ticket.severity)
        self.act(name, "REVIEW" if rises else "PENDING", severity=severity, reviewer=manager)

    def edit(self, who: str, name: str) -> None:
        ticket = self.tickets[name]
        if ticket.deleted or ticket.status != "REVIEW" or (who in self.managers) == (ticket.author == who):
            raise Refused
        self.act(name, "DRAFT")

    def delete(self, who: str, name: str) -> None:
        ticket = self.tickets[name]
        may = who in self.managers or ticket.author == who
        if ticket.deleted or ticket.status not in ("DRAFT", "REVIEW") or not may:
            raise Refused
        self.act(name, ticket.status)
        ticket.deleted = True

    def restore(self, manager: str, name: str) -> None:
        ticket = self.tickets[name]
        if not ticket.deleted or manager not in self.managers:
            raise Refused
        self.act(name, ticket.status)
        ticket.deleted = False

    def say(self, who: str, name: str, *, is_question: bool) -> None:
        ticket = self.tickets[name]
        if ticket.deleted:
            raise Refused
        for key, aside in list(self.aside.items()):
            if key[1] == name and key[0] != who and aside.kind == "UNTIL_CHANGED":
                del self.aside[key]
        if ticket.status != "DRAFT":
            return
        if ticket.author == who:
            for question in ticket.questions:
                question.ended = True
        elif is_question and who in self.managers:
            ticket.questions.append(Question(who, self.minute + QUESTION_MINUTES))

    def withdraw(self, who: str, name: str) -> None:
        """The first of this person's questions that still wait."""
        ticket = self.tickets[name]
        own = (each for each in ticket.questions if each.asker == who and not each.ended)
        waiting = [question for question in own if question.until > self.minute]
        if not waiting or ticket.deleted:
            raise Refused
        waiting[0].ended = True

    def put(self, manager: str, name: str, kind: str, minutes: int | None = None) -> None:
        ticket = self.tickets[name]
        if ticket.deleted or ticket.status != "DRAFT" or not self.may_decide(manager, ticket):
            raise Refused
        until = None if minutes is None else self.minute + minutes
        self.aside[manager, name] = Aside(kind, ticket.round, self.tick(), until)
        self.give_back(manager, name)

    def take_back(self, manager: str) -> str | None:
        """The ticket that was put aside last."""
        held = {
            name: aside
            for name, ticket in self.tickets.items()
            if ticket.status == "DRAFT" and not ticket.deleted and (aside := self.put_aside(manager, ticket))
        }
        if not held:
            return None
        last = max(held, key=lambda name: held[name].order)
        del self.aside[manager, last]
        return last

    def deal(self, manager: str, besides: list[str]) -> str | None:
        queue = [name for name in self.queue(manager) if name not in besides]
        held = [name for name in queue if self.is_held(name) and not self.put_aside(manager, self.tickets[name])]
        if not queue:
            return None
        dealt = min(held, key=lambda name: self.leases[name][1]) if held else queue[0]
        since = self.leases[dealt][1] if self.is_held(dealt) else self.tick()
        self.leases[dealt] = (manager, since, self.minute + LEASE_MINUTES)
        return dealt

    def give_back(self, manager: str, name: str) -> None:
        if name in self.leases and self.leases[name][0] == manager:
            del self.leases[name]
