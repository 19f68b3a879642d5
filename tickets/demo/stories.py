"""Demo people and tickets: histories as the real actions would have written them, spread over the past months.

Rows are built in memory and inserted in bulk, since going through the actions would take minutes for 20 000 tickets
and could not lie in the past. Targets come from the table of moves, and the database's constraints judge every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from accounts.models import DemoDesk, Role, User
from config import clock
from config.database import statistics
from tickets import numbering, workflow
from tickets.demo.problems import PROBLEMS, Problem
from tickets.models import HistoryEntry, Ticket, TicketSequence, TicketText
from tickets.search import folding
from tickets.workflow import Action, Severity, Status

PASSWORD = "Password123!"  # noqa: S105 - well known on purpose; the command refuses to run outside a demo
ASSOCIATE, MANAGER, SUPPORT = "associate@example.com", "manager@example.com", "support@example.com"
ASSOCIATES = (ASSOCIATE, "bruna@example.com", "daniel@example.com", "joao@example.com", "mei@example.com")
MANAGERS = (MANAGER, "helena@example.com", "oliver@example.com")

MONTHS_BACK = timedelta(days=190)
BATCH = 2000
DAYS_TO_DUE = (1, 2, 3, 5, 7, 10, 14, 21, 30)

# How many of a hundred tickets stand at each status now, by how old they are at most, as a share of MONTHS_BACK.
STATUS_SHARES: tuple[tuple[float, dict[Status, int]], ...] = (
    (0.012, {Status.DRAFT: 72, Status.REVIEW: 8, Status.PENDING: 20}),
    (0.15, {Status.DRAFT: 7, Status.REVIEW: 9, Status.PENDING: 62, Status.OPEN: 12, Status.CLOSED: 10}),
    (0.4, {Status.REVIEW: 2, Status.PENDING: 55, Status.OPEN: 13, Status.CLOSED: 30}),
    (1, {Status.PENDING: 27, Status.OPEN: 5, Status.CLOSED: 68}),
)
GROWTH = 1.7
"""The desk gets more to do: how much tickets crowd towards the present; 1 would spread them evenly."""
NIGHTLY, UPLOADS = time(2, 15, 3), time(15, 40)
"""When what the external system says is taken in: by itself about what is approved, and, where work on a ticket has
begun, from a file that a manager uploads."""
NOT_YET_DUE = 0.85
"""Of those that are not closed: external systems tend to close what is due first."""
DELETED_SHARE = 0.04  # of those in DRAFT or REVIEW

RAISED = (
    "More people are hit than the text says: the whole floor called in.",
    "This blocks month-end closing, so it cannot wait.",
    "A customer has already escalated. Please add what they were promised.",
    "There is no workaround any more since this morning.",
    "We saw the same last year and it grew within hours.",
    "Personal data is involved; add which records.",
    "Afeta todas as filiais, não só a matriz. Descreva o impacto.",
    "The deadline with the tax office is on Friday.",
    "Happens on every device of that model, so treat it as a fleet problem.",
)
LOWERED = (
    "There is a workaround that everybody knows.",
    "One person is affected and has a spare device.",
    "Cosmetic: nothing is lost and nobody is blocked.",
    "The vendor fixes it with next week's release.",
    "Só acontece em um relatório que quase ninguém usa.",
    "Duplicate of a planned change, so it can go with that.",
    "Not in production, only in the training system.",
)
ADDED = (
    "Added after the review: about forty people are affected, in two offices.",
    "Update: it also happens on the second machine, with the same message.",
    "Update: the supplier confirmed it from their side and asks for our logs.",
    "As asked: it began on Monday after the nightly update; before that all was well.",
    "Complemento: testado hoje em outra estação, com o mesmo resultado.",
    "As asked, the steps: open the form, choose last month, press Save. It fails every time.",
)


@dataclass(slots=True)
class People:
    associates: list[User]
    managers: list[User]


def is_for_this_desk() -> bool:
    """Whether the demo made this desk, or there is neither a person nor a ticket; it is then remembered as such.

    Accounts with a known password must never come to a desk that somebody works with. Call inside a transaction.
    """
    if DemoDesk.objects.exists():
        return True
    if User.objects.exists() or Ticket.objects.exists():
        return False
    DemoDesk.objects.create()
    return True


def create_people() -> People:
    """The demo accounts; those that exist already stay as they are."""
    present = {user.email: user for user in User.objects.filter(email__in=(*ASSOCIATES, *MANAGERS, SUPPORT))}

    def person(email: str, role: Role, **fields: Any) -> User:
        return present.get(email) or User.objects.create_user(email, PASSWORD, role=role, **fields)

    person(SUPPORT, Role.ASSOCIATE, is_staff=True)
    return People(
        associates=[person(email, Role.ASSOCIATE) for email in ASSOCIATES],
        managers=[person(email, Role.MANAGER) for email in MANAGERS],
    )


def create_tickets(people: People, count: int, *, seed: int = 2026) -> int:
    """`count` tickets with their history, in a database without any. Call inside a transaction."""
    dice = Random(seed)  # noqa: S311 - no secret
    now = clock.now()
    sequences: dict[int, int] = {}
    stories = []
    for created_at, status, problem in _plan(dice, count, now):
        sequences[created_at.year] = sequences.get(created_at.year, 0) + 1
        story = Story(dice, people, problem, created_at, sequences[created_at.year], now)
        story.play_to(status)
        stories.append(story)
    Ticket.objects.bulk_create([story.ticket for story in stories], batch_size=BATCH)
    TicketText.objects.bulk_create([story.search_text() for story in stories], batch_size=BATCH)
    HistoryEntry.objects.bulk_create([entry for story in stories for entry in story.entries], batch_size=BATCH)
    TicketSequence.objects.bulk_create(
        [TicketSequence(year=year, last_sequence=last) for year, last in sequences.items()],
        update_conflicts=True,
        unique_fields=["year"],
        update_fields=["last_sequence"],
    )
    statistics.analyze(User, Ticket, TicketText, HistoryEntry)
    return len(stories)


def _plan(dice: Random, count: int, now: datetime) -> Iterator[tuple[datetime, Status, Problem]]:
    """When each ticket is written, how far it has come, and what it is about; oldest first."""
    ages = [((number + dice.random()) / count) ** GROWTH for number in reversed(range(count))]
    times = sorted(_working_time(dice, now, age) for age in ages)
    problems: list[Problem] = []
    while len(problems) < count:
        problems += dice.sample(PROBLEMS, len(PROBLEMS))
    return zip(times, _statuses(dice, ages), problems, strict=False)


def _statuses(dice: Random, ages: list[float]) -> Iterator[Status]:
    """A status for each age, in shares that are kept to the ticket and not left to chance."""
    oldest_first = sorted(ages, reverse=True)
    for limit, shares in reversed(STATUS_SHARES):
        younger = max((lower for lower, _shares in STATUS_SHARES if lower < limit), default=0.0)
        size = sum(younger < age <= limit for age in oldest_first)
        deck = [status for status, share in shares.items() for _ in range(round(size * share / 100 + 0.5))]
        dice.shuffle(deck)
        yield from deck[:size]


def _working_time(dice: Random, now: datetime, age: float) -> datetime:
    moment = now - MONTHS_BACK * age - timedelta(minutes=5)
    if moment.weekday() >= 5 and dice.random() < 0.8:
        moment -= timedelta(days=2)
    hour = min(23, max(0, round(dice.gauss(13, 3.2))))
    return min(moment.replace(hour=hour, microsecond=dice.randrange(1000) * 1000), now - timedelta(minutes=5))


@dataclass(slots=True)
class Story:
    """One ticket being taken through its life, with an entry for each move."""

    dice: Random
    people: People
    problem: Problem
    created_at: datetime
    sequence: int
    now: datetime
    ticket: Ticket = field(init=False)
    entries: list[HistoryEntry] = field(init=False)

    def __post_init__(self) -> None:
        dice, at = self.dice, self.created_at
        author = dice.choice(self.people.associates if dice.random() < 0.9 else self.people.managers)
        self.entries = []
        self.ticket = Ticket(
            ticket_number=str(numbering.TicketNumber(at.year, self.sequence, at)),
            year=at.year,
            sequence=self.sequence,
            title=self.problem.title,
            description=self.problem.description,
            due_date=_end_of_day(at + timedelta(days=dice.choice(DAYS_TO_DUE))),
            severity=self.problem.severity,
            ai_suggested_severity=self.problem.suggested,
            status=Status.DRAFT,
            created_by=author,
            created_at=at,
            updated_at=at,
            version=0,
        )
        self._enter(Action.CREATED, author, at, "created", from_status=None, to_severity=self.ticket.severity)

    def play_to(self, status: Status) -> None:
        if status is Status.REVIEW:
            if not self._raise_severity():  # cannot be raised, so it stays a draft
                status = Status.DRAFT
        elif status is Status.DRAFT:
            if self.dice.random() < 0.2 and self._raise_severity():
                self._edit()
        else:
            self._get_approved()
        if status in (Status.OPEN, Status.CLOSED):
            if status is Status.OPEN or self.dice.random() < 0.6:
                self._import(Status.OPEN)
            if status is Status.CLOSED:
                self._import(Status.CLOSED)
        if self.ticket.status != Status.CLOSED and self.dice.random() < NOT_YET_DUE:
            later = max(self.now, self.created_at) + timedelta(days=self.dice.choice(DAYS_TO_DUE))
            self.ticket.due_date = max(self.ticket.due_date, _end_of_day(later))
        if status in workflow.DELETABLE and self.dice.random() < DELETED_SHARE:
            self._delete()

    def search_text(self) -> TicketText:
        ticket = self.ticket
        text = folding.document(title=ticket.title, description=ticket.description, ticket_number=ticket.ticket_number)
        return TicketText(ticket=ticket, text=text, folding=folding.FOLDING)

    def _get_approved(self) -> None:
        chance = self.dice.random()
        if chance < 0.12 and self._lower_severity():
            return
        if chance > 0.85 and self._raise_severity():
            self._edit()
        self._move(Action.APPROVED, self._reviewer(), "approved")

    def _raise_severity(self) -> bool:
        return self._change_severity(1, RAISED)

    def _lower_severity(self) -> bool:
        return self._change_severity(-1, LOWERED)

    def _change_severity(self, step: int, reasons: tuple[str, ...]) -> bool:
        old = Severity(self.ticket.severity)
        levels = [level for level in Severity if level.rank == old.rank + step]
        if not levels:
            return False
        self.ticket.severity = levels[0]
        target = workflow.after_severity_change(old, levels[0])
        reason = f"severity changed: {self.dice.choice(reasons)}"
        severities: dict[str, Any] = {"from_severity": old, "to_severity": levels[0]}
        self._move(Action.SEVERITY_CHANGED, self._reviewer(), reason, to=target, **severities)
        return True

    def _edit(self) -> None:
        old = self.ticket.description
        self.ticket.description = f"{old}\n\n{self.dice.choice(ADDED)}"
        author = self.ticket.created_by
        editor = author if not author.is_manager else self._other_manager()
        self._move(
            Action.EDITED, editor, "edited (description)", changes={"description": [old, self.ticket.description]}
        )

    def _import(self, to: Status) -> None:
        """On one of the next days; where there has been none since, the ticket stays as it is."""
        nightly = self.ticket.status == Status.PENDING
        day = datetime.combine(self.ticket.updated_at.date(), NIGHTLY if nightly else UPLOADS, UTC)
        moments = [day + timedelta(days=days) for days in range(1, 22)]
        moments = [moment for moment in moments if self.ticket.updated_at < moment < self.now]
        if moments:
            at = moments[min(int(self.dice.expovariate(0.35)), len(moments) - 1)]
            # Of the managers a different one each day.
            uploader = self.people.managers[at.toordinal() % len(self.people.managers)]
            self._move(Action.IMPORTED, None if nightly else uploader, "csv import", to=to, at=at)

    def _delete(self) -> None:
        deleter = self.ticket.created_by
        self._move(Action.DELETED, deleter, "soft deleted")
        self.ticket.deleted_at, self.ticket.deleted_by = self.ticket.updated_at, deleter

    def _reviewer(self) -> User:
        self.ticket.reviewed_by = self._other_manager()
        return self.ticket.reviewed_by

    def _other_manager(self) -> User:
        return self.dice.choice([user for user in self.people.managers if user != self.ticket.created_by])

    def _move(
        self,
        action: Action,
        user: User | None,
        reason: str,
        *,
        to: Status | None = None,
        at: datetime | None = None,
        **more: Any,
    ) -> None:
        source = Status(self.ticket.status)
        self.ticket.status = to or workflow.target(action, source) or source
        self._enter(action, user, at or self._later(), reason, from_status=source, **more)

    def _later(self) -> datetime:
        """A moment after the last one: within two days, and not in the future."""
        room = min(self.now - self.ticket.updated_at, timedelta(days=2))
        moment = self.ticket.updated_at + room * self.dice.uniform(0.05, 0.6)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def _enter(self, action: Action, user: User | None, at: datetime, reason: str, **more: Any) -> None:
        ticket = self.ticket
        ticket.version += 1
        ticket.updated_at = max(at, ticket.updated_at)
        self.entries.append(
            HistoryEntry(
                ticket=ticket,
                version=ticket.version,
                created_at=ticket.updated_at,
                user=user,
                actor_role=user.role if user else None,
                action=action,
                to_status=ticket.status,
                reason=reason,
                **more,
            )
        )


def _end_of_day(moment: datetime) -> datetime:
    return moment.replace(hour=17, minute=0, second=0, microsecond=0)
