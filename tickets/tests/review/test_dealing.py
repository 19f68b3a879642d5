"""Drafts are dealt in the order of the queue, to one manager each, for as long as they look at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Lock
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.http import QueryDict

from accounts.models import User
from config import clock
from config.errors import DomainError, ForbiddenRole
from tests.support import factories
from tests.support.pages import Desk, url, words
from tests.support.patience import PATIENCE
from tickets import actions
from tickets.comments.actions import add_comment, withdraw_question
from tickets.errors import NotInDraft, OwnTicket, TicketNotFound
from tickets.listing.presenter import Listing
from tickets.models import Lease, SetAside, Sitting, Ticket
from tickets.review import aside, leases, sittings
from tickets.review.queue import queue_of

pytestmark = pytest.mark.django_db
ALL_DAY = timedelta(days=1)


@pytest.fixture
def boss() -> User:
    return factories.manager(name="Max Cruz")


def titles(manager: User) -> list[str]:
    return list(queue_of(manager).values_list("title", flat=True))


def dealt(manager: User, **options: Any) -> str | None:
    ticket = leases.deal(manager, queue_of(manager), **options)
    return ticket.title if ticket else None


def let_pass(time: timedelta) -> None:
    Lease.objects.update(taken_at=F("taken_at") - time, until=F("until") - time)
    SetAside.objects.update(until=F("until") - time)
    Sitting.objects.update(began_at=F("began_at") - time, used_at=F("used_at") - time)


def test_the_order_of_the_queue(boss: User) -> None:
    author = factories.associate()
    back = factories.ticket("REVIEW", author=author, reviewer=boss, title="Resubmitted", severity="EASY")
    others = factories.ticket("REVIEW", author=author, title="Resubmitted to another", severity="EASY")
    for title, severity in [("Old", "MEDIUM"), ("Asked", "EASY"), ("Severe", "VERY_HIGH"), ("New", "MEDIUM")]:
        factories.ticket(title=title, severity=severity)
    factories.ticket(author=boss, title="Own")
    asked = add_comment(boss, Ticket.objects.get(title="Asked").pk, text="Which?", is_question=True)
    for ticket in (others, back):
        actions.edit_ticket(author, ticket.pk, description="More of it.")
    rest = ["Severe", "Old", "New", "Resubmitted to another"]
    assert titles(boss) == ["Resubmitted", *rest]
    withdraw_question(boss, asked.pk)
    assert titles(boss) == ["Resubmitted", "Asked", *rest]
    aside.skip(boss, back.pk)
    assert titles(boss) == ["Asked", *rest, "Resubmitted"]
    assert titles(factories.associate()) == []
    severe = Listing(QueryDict("severity=MEDIUM&sort=-createdAt"), boss).found
    assert list(queue_of(boss, severe).values_list("title", flat=True)) == ["New", "Old"]


def test_each_is_dealt_another_and_gets_back_what_is_held(boss: User) -> None:
    other = factories.manager()
    for title in ("First", "Second", "Third"):
        factories.ticket(title=title)
    first = Ticket.objects.get(title="First").pk
    assert (dealt(boss), dealt(other), dealt(boss)) == ("First", "Second", "First")
    assert dealt(boss, besides=[first]) == "Third"  # fetched ahead
    assert dealt(other, besides=[Ticket.objects.get(title="Second").pk]) is None
    assert titles(other) == ["Second"]
    leases.give_back(boss, first)
    assert titles(other) == ["First", "Second"]
    assert dealt(boss) == "Third"
    leases.give_all_back(boss)
    assert dealt(factories.manager()) == "First"


def test_a_lease_lasts_five_minutes_unless_it_is_renewed(boss: User) -> None:
    draft, other = factories.ticket(), factories.manager()
    assert leases.take(boss, draft.pk)
    let_pass(timedelta(minutes=4))
    assert not leases.take(other, draft.pk)
    assert leases.take(boss, draft.pk)
    let_pass(timedelta(minutes=4))
    assert not leases.take(other, draft.pk)
    let_pass(timedelta(minutes=2))
    assert leases.take(other, draft.pk)
    assert Lease.objects.get().manager == other
    assert leases.remove_old() == 0
    let_pass(ALL_DAY)
    assert leases.remove_old() == 1


def test_a_lease_refuses_no_decision_and_its_holder_is_seen(boss: User) -> None:
    draft, other = factories.ticket(), factories.manager()
    leases.take(boss, draft.pk)
    assert "Max Cruz is looking at it in review mode" in words(Desk(other).text(url(draft)))
    for reader in (boss, factories.associate()):
        assert "is looking at it" not in words(Desk(reader).text(url(draft)))
    actions.approve_ticket(other, draft.pk)
    assert "is looking at it" not in words(Desk(other).text(url(draft)))


def test_what_is_snoozed_comes_again(boss: User) -> None:
    author = factories.associate()
    draft = factories.ticket(author=author, title="Snoozed")
    aside.snooze(boss, draft.pk, until=clock.now() + ALL_DAY)
    assert (titles(boss), titles(factories.manager())) == ([], ["Snoozed"])
    let_pass(ALL_DAY)
    assert titles(boss) == ["Snoozed"]
    aside.snooze(boss, draft.pk, until=None)
    let_pass(30 * ALL_DAY)
    factories.comment(draft, author=boss)  # what one says oneself is nothing that happens
    assert titles(boss) == []
    factories.comment(draft, author=author)
    assert titles(boss) == ["Snoozed"]
    aside.snooze(boss, draft.pk, until=clock.now() + ALL_DAY)
    again = factories.advance(draft, "REVIEW")
    actions.edit_ticket(author, again.pk, title="Another draft")
    assert titles(boss) == ["Another draft"]
    assert aside.remove_old() == 1


def test_what_was_put_aside_last_is_taken_back_first(boss: User) -> None:
    drafts = [factories.ticket(title=title) for title in ("First", "Second", "Third")]
    aside.skip(boss, drafts[0].pk)
    aside.snooze(boss, drafts[1].pk, until=None)
    aside.skip(boss, drafts[2].pk)
    actions.approve_ticket(factories.manager(), drafts[2].pk)
    assert titles(boss) == ["First"]
    taken = [aside.take_back(boss) for _ in range(3)]
    assert [each and each.ticket for each in taken] == [drafts[1], drafts[0], None]
    assert titles(boss) == ["First", "Second"]


REFUSED: list[tuple[str, type[DomainError]]] = [
    ("PENDING", NotInDraft), ("deleted", TicketNotFound), ("own", OwnTicket), ("associate", ForbiddenRole),
]  # fmt: skip


@pytest.mark.parametrize(("what", "error"), REFUSED)
def test_what_cannot_be_put_aside(what: str, error: type[DomainError], boss: User) -> None:
    ticket = factories.ticket("PENDING" if what == "PENDING" else "DRAFT", author=boss if what == "own" else None)
    ticket = factories.deleted(ticket) if what == "deleted" else ticket
    with pytest.raises(error):
        aside.skip(factories.associate() if what == "associate" else boss, ticket.pk)
    assert not SetAside.objects.exists()


def test_a_sitting_goes_on_for_as_long_as_it_is_used(boss: User) -> None:
    draft = factories.ticket()
    began = sittings.sit_down(boss).began_at
    aside.skip(boss, draft.pk)
    sittings.note_done(boss)
    let_pass(timedelta(minutes=20))
    again = sittings.sit_down(boss)
    assert (again.began_at, again.done) == (began - timedelta(minutes=20), 1)
    for _ in range(2):
        sittings.note_done(boss, -1)
    assert Sitting.objects.get().done == 0
    assert SetAside.objects.count() == 1
    let_pass(timedelta(minutes=40))
    assert sittings.sit_down(boss).began_at > again.began_at
    assert not SetAside.objects.exists()
    leases.take(boss, draft.pk)
    sittings.get_up(boss)
    assert (Sitting.objects.count(), Lease.objects.count()) == (0, 0)


BROKEN: list[tuple[str, Any, dict[str, Any]]] = [
    ("lease_ends_after_taking", Lease, {"until": F("taken_at")}),
    ("setaside_until_a_time_where_snoozed", SetAside, {"kind": "SNOOZED"}),
    ("setaside_until_a_time_where_snoozed", SetAside, {"kind": "ELSE"}),
    ("sitting_used_after_beginning", Sitting, {"used_at": F("began_at") - timedelta(seconds=1)}),
]


@pytest.mark.parametrize(("name", "model", "fields"), BROKEN)
def test_the_database_holds_it(name: str, model: Any, fields: dict[str, Any], boss: User) -> None:
    sittings.sit_down(boss)
    aside.skip(boss, factories.ticket().pk)
    leases.take(boss, factories.ticket().pk)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.update(**fields)


def test_a_draft_is_put_aside_once_by_each(boss: User) -> None:
    draft = factories.ticket()
    aside.skip(boss, draft.pk)
    aside.snooze(boss, draft.pk, until=None)
    assert SetAside.objects.get().kind == "UNTIL_CHANGED"
    double = {"manager": boss, "ticket": draft, "version": 2, "kind": "SKIPPED", "set_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        SetAside.objects.create(**double)


@pytest.mark.django_db(transaction=True)
def test_no_draft_is_dealt_to_two_at_once_and_none_is_left_out(long_run: bool) -> None:
    """Two managers and many threads of a script, which take no leases and decide as they like."""
    drafts, threads = (200, 14) if long_run else (40, 6)  # as many connections as the pool has to give
    managers = [factories.manager() for _ in range(2)]
    scripts = [factories.manager() for _ in range(2)]
    author = factories.associate()
    keys = [factories.ticket(author=author, title=f"Draft {n}").pk for n in range(drafts)]
    start, guard = Barrier(threads), Lock()
    looking: dict[UUID, UUID] = {}
    met: Counter[str] = Counter()

    def sit(manager: User, seed: int) -> None:
        """As somebody in review mode: the next is dealt while one is still being looked at."""
        while ticket := insist(leases.deal, manager, queue_of(manager)):
            with guard:
                met["at once"] += looking.get(ticket.pk, manager.pk) != manager.pk
                looking[ticket.pk] = manager.pk
            insist(leases.deal, manager, queue_of(manager), besides=[ticket.pk])
            met["decided" if approved(manager, ticket.pk) else "lost"] += 1
            with guard:
                looking.pop(ticket.pk, None)
            insist(leases.give_back, manager, ticket.pk)

    def script(manager: User, seed: int) -> None:
        for at in range(seed, drafts, 5):
            approved(manager, keys[(at * 7) % drafts])

    def approved(manager: User, key: UUID) -> bool:
        try:
            insist(actions.approve_ticket, manager, key)
        except NotInDraft:
            return False
        return True

    def insist[T](ask: Callable[..., T], *arguments: Any, **more: Any) -> T:
        """Whoever waits too long for a turn on SQLite is told so, and asks again."""
        while True:
            with suppress(OperationalError):
                return ask(*arguments, **more)

    def run(n: int) -> None:
        try:
            start.wait(PATIENCE)
            sit(managers[n], n) if n < 2 else script(scripts[n % 2], n)
        finally:
            for manager in managers[n : n + 1]:
                insist(leases.give_all_back, manager)
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))
    assert met["at once"] == 0
    assert set(Ticket.objects.values_list("status", flat=True)) == {"PENDING"}
    assert met["decided"] > 0
    assert not Lease.objects.exists()
