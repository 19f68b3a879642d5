"""Following a ticket: by what one has done, or because one chose to, by page and by REST; and leaving it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.pages import Desk
from tests.support.patience import PATIENCE
from tickets import actions
from tickets.following.actions import follow_ticket, leave_ticket
from tickets.models import FollowChoice, HistoryEntry, Ticket


def asked(user: User, ticket: Ticket, method: str = "GET") -> tuple[bool, list[str]]:
    answer: Any = ApiClient(user).send(method, f"/tickets/{ticket.pk}/following")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert set(told) == {"ticketId", "isFollowing", "reasons"}
    assert told["ticketId"] == str(ticket.pk)
    return told["isFollowing"], told["reasons"]


@pytest.mark.django_db
def test_one_follows_what_one_raised_reviewed_and_commented_on() -> None:
    author, boss, later, colleague = (
        factories.associate(),
        factories.manager(),
        factories.manager(),
        factories.associate(),
    )
    ticket = factories.ticket("REVIEW", author=author, reviewer=boss)
    actions.edit_ticket(author, ticket.pk, title="The printer again")
    actions.approve_ticket(later, ticket.pk)
    assert asked(author, ticket) == (True, ["RAISED"])
    assert asked(boss, ticket) == (True, ["REVIEWED"]), "also where somebody else has reviewed it since"
    assert asked(later, ticket) == (True, ["REVIEWED"])
    assert asked(colleague, ticket) == (False, [])
    for person in (author, colleague):
        factories.comment(ticket, author=person)
    assert asked(colleague, ticket) == (True, ["COMMENTED"])
    assert asked(author, ticket) == (True, ["RAISED", "COMMENTED"])
    assert asked(colleague, factories.ticket()) == (False, [])


@pytest.mark.django_db
def test_leaving_is_remembered_whatever_one_does_afterwards() -> None:
    author, ticket = factories.associate(), factories.ticket()
    for _ in "12":
        assert asked(author, ticket, "PUT") == (True, ["CHOSEN"])
    for _ in "12":
        assert asked(author, ticket, "DELETE") == (False, [])
    factories.comment(ticket, author=author)
    assert asked(author, ticket) == (False, ["COMMENTED"])
    assert asked(author, ticket, "PUT") == (True, ["COMMENTED", "CHOSEN"])
    own = factories.ticket(author=author)
    assert asked(author, own, "DELETE") == (False, ["RAISED"])
    assert asked(author, own) == (False, ["RAISED"])
    assert FollowChoice.objects.count() == 2


@pytest.mark.django_db
def test_the_ticket_stays_as_it_is() -> None:
    user, ticket = factories.associate(), factories.ticket()
    before, entries = Ticket.objects.values().get(), HistoryEntry.objects.count()
    asked(user, ticket, "PUT")
    asked(user, ticket, "DELETE")
    assert (Ticket.objects.values().get(), HistoryEntry.objects.count()) == (before, entries)


@pytest.mark.django_db
def test_asking_takes_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user, ticket = factories.associate(), factories.ticket()
    for n in (1, 30):
        for _ in range(n):
            factories.comment(ticket, author=user)
        client = ApiClient(user)
        with django_assert_num_queries(2):  # who asks, and the ticket
            client.get(f"/tickets/{ticket.pk}/following")


@pytest.mark.django_db
def test_the_page_says_why_and_has_a_button_for_it() -> None:
    author = factories.associate()
    ticket = factories.ticket(author=author)
    page = f"/desk/tickets/{ticket.ticket_number}/"
    stranger = Desk(factories.associate())
    assert "You do not follow this ticket." in stranger.text(page)
    answer = stranger.post(f"{page}following/?list=status%3DDRAFT&at=0", {"follow": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"{page}?list=status%3DDRAFT&at=0")
    assert "You chose to." in stranger.text(page)
    own = Desk(author)
    assert "It is your ticket." in own.text(page)
    own.post(f"{page}following/", {"leave": "1"})
    assert "You have left this ticket." in own.text(page)


@pytest.mark.django_db
def test_the_page_of_a_deleted_ticket_has_nothing_of_it() -> None:
    boss = factories.manager()
    ticket = factories.deleted(factories.ticket(), by=boss)
    assert "Following" not in Desk(boss).text(f"/desk/tickets/{ticket.ticket_number}/")


@pytest.mark.django_db
def test_the_database_keeps_one_choice_of_a_person_for_each_ticket() -> None:
    user, ticket = factories.associate(), factories.ticket()
    follow_ticket(user, ticket.pk)
    choice = FollowChoice(user=user, ticket=ticket, follows=False)
    with pytest.raises(IntegrityError, match=r"followchoice_one_for_each_ticket|UNIQUE"), transaction.atomic():
        FollowChoice.objects.bulk_create([choice])


@pytest.mark.django_db(transaction=True)
def test_who_chooses_twice_at_the_same_moment_has_chosen_once() -> None:
    user, ticket = factories.associate(), factories.ticket()
    start, failed = threading.Barrier(4), []

    def choose(act: Any) -> None:
        try:
            start.wait(PATIENCE)
            act(user, ticket.pk)
        except Exception as error:  # noqa: BLE001 - told to the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=[act]) for act in (follow_ticket, leave_ticket) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert FollowChoice.objects.count() == 1
