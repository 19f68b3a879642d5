"""What the database itself refuses of links, and people who link and delete at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.support import factories
from tests.support.patience import PATIENCE
from tickets import actions
from tickets.links.actions import add_link, remove_link
from tickets.links.models import LinkKind
from tickets.models import Ticket, TicketLink

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def insert(source: Ticket, target: Ticket, kind: str = "RELATED") -> None:
    with transaction.atomic():
        TicketLink.objects.bulk_create(
            [TicketLink(source=source, target=target, kind=kind, created_by=source.created_by, created_at=NOW)]
        )


@pytest.mark.django_db
def test_the_database_refuses_a_link_that_breaks_a_rule() -> None:
    one, two = factories.ticket(), factories.ticket()
    for kind in ("RELATED", "FOLLOW_UP_OF", "DUPLICATE_OF"):
        insert(one, two, kind)
    broken: list[tuple[str, Any]] = [
        ("ticketlink_of_two_tickets", (one, one)),
        ("ticketlink_kind_known", (one, two, "DUPLICATED_BY")),
        ("ticketlink_once_for_each_kind", (one, two)),
        ("ticketlink_once_for_each_kind", (two, one, "FOLLOW_UP_OF")),
    ]
    for constraint, link in broken:
        with pytest.raises(IntegrityError, match=rf"{constraint}\b"):
            insert(*link)
    assert TicketLink.objects.count() == 3


@pytest.mark.django_db
def test_a_link_keeps_its_tickets() -> None:
    one, two = factories.ticket(), factories.ticket()
    insert(one, two)
    for ticket in (one, two):
        key = ticket.pk.hex if connection.vendor == "sqlite" else ticket.pk
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM tickets_ticket WHERE id = %s", [key])
            connection.check_constraints()


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What came of each, which set out together: `done`, or the name of what it was refused with."""
    start, told = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            start.wait(PATIENCE)
            act()
            told[place] = "done"
        except Exception as error:  # noqa: BLE001 - told to the test
            told[place] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_links_at_the_same_moment_are_made_once_and_nobody_waits_for_ever() -> None:
    people = [factories.associate() for _ in range(4)]
    for _ in range(3):
        one, two = factories.ticket(), factories.ticket()
        ways = [(one, two), (two, one)] * 2
        told = at_once(
            *(
                partial(add_link, person, ticket.pk, other_id=other.pk, kind=LinkKind.RELATED)
                for person, (ticket, other) in zip(people, ways, strict=True)
            )
        )
        assert Counter(told) == {"done": 1, "AlreadyLinked": 3}
        made = TicketLink.objects.get(source__in=[one, two])
        boss = factories.manager()
        assert Counter(at_once(*[partial(remove_link, boss, made.pk)] * 3)) == {"done": 1, "LinkNotFound": 2}


@pytest.mark.django_db(transaction=True)
def test_no_link_comes_to_a_ticket_that_is_being_deleted() -> None:
    author = factories.associate()
    for _ in range(5):
        one, two = factories.ticket(author=author), factories.ticket(author=author)
        told = at_once(
            partial(actions.delete_ticket, author, one.pk),
            partial(add_link, author, two.pk, other_id=one.pk, kind=LinkKind.DUPLICATE_OF),
            partial(add_link, author, one.pk, other_id=two.pk, kind=LinkKind.RELATED),
        )
        assert told[0] == "done"
        assert set(told[1:]) <= {"done", "TicketNotFound"}
        made = TicketLink.objects.of(one.pk)
        assert made.count() == told[1:].count("done")
        deleted_at = Ticket.objects.get(pk=one.pk).deleted_at
        assert deleted_at
        assert all(link.created_at <= deleted_at for link in made)
