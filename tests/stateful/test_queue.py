"""Each manager's queue is exactly what they may decide and nobody else is about to, whatever has happened before."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from accounts.models import User
from config import clock
from config.errors import DomainError
from tests.stateful.machine import empty_tables
from tests.stateful.queue_model import LEVELS, Model, Refused
from tests.support import factories
from tests.support.imports import names_imported
from tests.support.server import ROOT
from tickets import actions
from tickets.comments.actions import add_comment, withdraw_question
from tickets.models import Comment, Question
from tickets.models import Ticket as TicketRow
from tickets.review import aside, leases
from tickets.review.models import Aside, Lease, SetAside
from tickets.review.queue import queue_of

MANAGERS = ["max", "mia", "moe"]
PEOPLE = [*MANAGERS, "ann"]
MOST_TICKETS = 8
WHO, BOSS = st.sampled_from(PEOPLE), st.sampled_from(MANAGERS)
PICK, LEVEL = st.integers(0, 2 * MOST_TICKETS), st.sampled_from(LEVELS)
# Times that columns hold, all of which lie further back once a while has passed.
TIMES: dict[Any, list[str]] = {
    Question: ["waits_until", "ended_at"],
    SetAside: ["until"],
    Lease: ["taken_at", "until"],
}


class QueueMachine(RuleBasedStateMachine):
    counts: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        self.model = Model(set(MANAGERS))
        self.users: dict[str, User] = {
            name: factories.person("MANAGER" if name in MANAGERS else "ASSOCIATE", email=f"{name}@example.com")
            for name in PEOPLE
        }

    def pick(self, at: int) -> tuple[str, uuid.UUID]:
        """Name and id of a ticket; drafts come up twice as often."""
        names = list(self.model.tickets)
        names += [name for name in names if self.model.tickets[name].status == "DRAFT"]
        name = names[at % len(names)]
        return name, TicketRow.objects.get(title=name).pk

    def both(self, what: str, act: Callable[[], Any], judge: Callable[[], Any]) -> None:
        """Do it, and have the model do it: both refuse or neither, and the queues are the same afterwards."""
        try:
            judge()
            done = True
        except Refused:
            done = False
        self.counts[f"{what}{'' if done else ' refused'}"] += 1
        if done:
            act()
        else:
            with pytest.raises(DomainError):
                act()
        self.compare()

    def compare(self) -> None:
        for name in MANAGERS:
            found = list(queue_of(self.users[name]).values_list("title", flat=True))
            assert found == self.model.queue(name), name
            self.counts[f"{min(len(found), 3)} in a queue"] += 1
        asked = [name for name, ticket in self.model.tickets.items() if self.waits(name) and ticket.status == "DRAFT"]
        assert sorted(TicketRow.objects.waiting_for_author().values_list("title", flat=True)) == sorted(asked)

    def waits(self, name: str) -> bool:
        ticket = self.model.tickets[name]
        return self.model.is_asked(ticket) and not ticket.deleted

    def has_tickets(self) -> bool:
        return bool(self.model.tickets)

    # --- Tickets ------------------------------------------------------------------------------------------------------

    @rule(who=WHO, severity=LEVEL)
    def create(self, who: str, severity: str) -> None:
        if len(self.model.tickets) >= MOST_TICKETS:
            return
        name = f"ticket {len(self.model.tickets)}"
        self.both(
            "create",
            lambda: factories.ticket(author=self.users[who], title=name, severity=severity),
            lambda: self.model.create(name, who, severity),
        )

    @precondition(has_tickets)
    @rule(boss=BOSS, at=PICK, severity=LEVEL)
    def decide(self, boss: str, at: int, severity: str) -> None:
        name, pk = self.pick(at)
        user = self.users[boss]

        def act() -> None:
            if TicketRow.objects.get(pk=pk).severity == severity:
                actions.approve_ticket(user, pk)
            else:
                actions.change_severity(user, pk, severity=severity, reason="So it is.")

        self.both("decide", act, lambda: self.model.decide(boss, name, severity))

    @precondition(has_tickets)
    @rule(who=WHO, at=PICK)
    def edit(self, who: str, at: int) -> None:
        name, pk = self.pick(at)
        act = lambda: actions.edit_ticket(self.users[who], pk, description="More of it.")  # noqa: E731
        self.both("edit", act, lambda: self.model.edit(who, name))

    @precondition(has_tickets)
    @rule(who=WHO, at=PICK)
    def delete(self, who: str, at: int) -> None:
        name, pk = self.pick(at)
        act = lambda: actions.delete_ticket(self.users[who], pk)  # noqa: E731
        self.both("delete", act, lambda: self.model.delete(who, name))

    @precondition(has_tickets)
    @rule(boss=BOSS, at=PICK)
    def restore(self, boss: str, at: int) -> None:
        name, pk = self.pick(at)
        act = lambda: actions.restore_ticket(self.users[boss], pk)  # noqa: E731
        self.both("restore", act, lambda: self.model.restore(boss, name))

    # --- What is said -------------------------------------------------------------------------------------------------

    @precondition(has_tickets)
    @rule(who=WHO, at=PICK, is_question=st.booleans())
    def say(self, who: str, at: int, is_question: bool) -> None:
        name, pk = self.pick(at)
        act = lambda: add_comment(self.users[who], pk, text="Is it so?", is_question=is_question)  # noqa: E731
        self.both("ask" if is_question else "say", act, lambda: self.model.say(who, name, is_question=is_question))

    @precondition(has_tickets)
    @rule(boss=BOSS, at=PICK)
    def withdraw(self, boss: str, at: int) -> None:
        name, pk = self.pick(at)
        own = Comment.objects.filter(ticket=pk, author=self.users[boss], question__in=Question.objects.waiting())
        asked = own.oldest_first().first() or Comment(pk=uuid.uuid4())
        act = lambda: withdraw_question(self.users[boss], asked.pk)  # noqa: E731
        self.both("withdraw", act, lambda: self.model.withdraw(boss, name))

    # --- Review mode --------------------------------------------------------------------------------------------------

    @precondition(has_tickets)
    @rule(boss=BOSS, at=PICK, kind=st.sampled_from(["SKIPPED", "SNOOZED", "UNTIL_CHANGED"]), days=st.integers(1, 7))
    def put_aside(self, boss: str, at: int, kind: str, days: int) -> None:
        name, pk = self.pick(at)
        minutes = days * 24 * 60 if kind == "SNOOZED" else None

        def act() -> None:
            until = None if minutes is None else clock.now() + timedelta(minutes=minutes)
            aside.set_aside(self.users[boss], pk, Aside(kind), until)

        self.both(kind, act, lambda: self.model.put(boss, name, kind, minutes))

    @rule(boss=BOSS)
    def take_back(self, boss: str) -> None:
        def act() -> str | None:
            taken = aside.take_back(self.users[boss])
            return taken.ticket.title if taken else None

        expected = self.model.take_back(boss)
        assert act() == expected
        self.compare()

    @rule(boss=BOSS, at=PICK, besides=st.booleans())
    def deal(self, boss: str, at: int, besides: bool) -> None:
        other = self.pick(at) if besides and self.model.tickets else None
        queue = queue_of(self.users[boss])
        dealt = leases.deal(self.users[boss], queue, besides=[other[1]] if other else [])
        assert (dealt.title if dealt else None) == self.model.deal(boss, [other[0]] if other else [])
        self.counts["dealt" if dealt else "nothing to deal"] += 1
        self.compare()

    @precondition(has_tickets)
    @rule(boss=BOSS, at=PICK)
    def give_back(self, boss: str, at: int) -> None:
        name, pk = self.pick(at)
        self.both("give back", lambda: leases.give_back(self.users[boss], pk), lambda: self.model.give_back(boss, name))

    @rule(minutes=st.sampled_from([1, 4, 6, 60, 24 * 60, 3 * 24 * 60, 8 * 24 * 60]))
    def let_pass(self, minutes: int) -> None:
        """The clock of a database cannot be moved; what it is compared with can."""
        for model, columns in TIMES.items():
            model.objects.update(**{column: F(column) - timedelta(minutes=minutes) for column in columns})
        self.model.minute += minutes
        self.compare()


@pytest.mark.django_db(transaction=True)
def test_the_queue_is_what_this_manager_may_decide(long_run: bool) -> None:
    counts: Counter[str] = Counter()

    class Machine(QueueMachine):
        pass

    Machine.counts = counts
    run = settings(
        max_examples=500 if long_run else 6,
        stateful_step_count=100 if long_run else 40,
        derandomize=not long_run,
        database=None,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(Machine, settings=run)
    print(counts)


@pytest.mark.no_database
def test_the_model_of_the_queue_knows_nothing_of_the_product() -> None:
    path = ROOT / "tests/stateful/queue_model.py"
    imported = {name for _line, name in names_imported(path.read_text(), path.relative_to(ROOT))}
    assert {name for name in imported if name.split(".")[0] in ("accounts", "config", "csvsync", "tickets")} == set()
