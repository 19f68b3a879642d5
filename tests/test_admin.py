"""The admin as a whole: what it costs, how one finds one's way, what it says."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.actions import change_person
from accounts.models import AuditEntry, User
from accounts.record.acts import By
from config.audit.findings import Scope
from tests.support import factories
from tests.support.pages import words
from tickets.audit.erasing import erase_texts
from tickets.audit.results import carry_out
from tickets.models import Audit, Erasure, Ticket

pytestmark = pytest.mark.django_db

# Session and person are two of each.
LISTS = {
    "accounts/user/": 5,
    "accounts/auditentry/": 4,
    "tickets/ticket/": 4,
    "tickets/historyentry/": 4,
    "tickets/audit/": 4,
    "tickets/erasure/": 4,
}
PAGES = {
    "accounts/user/{user}/change/": 3,
    "accounts/user/{user}/password/": 3,
    "accounts/auditentry/{act}/change/": 5,  # and who, and whom
    "tickets/ticket/{ticket}/change/": 4,
    "tickets/historyentry/{entry}/change/": 3,
    "tickets/audit/{audit}/change/": 3,
    "tickets/erasure/{erasure}/change/": 3,
}


@pytest.fixture
def staff() -> User:
    return factories.manager(is_staff=True)


@pytest.fixture
def desk(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    ContentType.objects.get_for_models(*admin.site._registry)  # Django looks them up once in a process
    return client


def worked_on(count: int) -> Ticket:
    """Make so many tickets, each of other people, with as many entries about it again, and so many acts on people."""
    for _ in range(count):
        change_person(By(factories.manager(is_staff=True), "192.0.2.1"), factories.associate(), is_active=False)
    tickets = [factories.ticket("DRAFT") for _ in range(count)]
    for ticket in tickets:
        for _again in range(count):
            factories.restored(factories.deleted(ticket, by=factories.manager()))
        factories.advance(ticket, "PENDING", reviewer=factories.manager())
        erase_texts(factories.manager(), ticket, why="The person asked for it.")
        carry_out(Scope(), lambda _finding: None)
    return tickets[-1]


def test_every_page_of_the_admin_is_counted_here() -> None:
    lists = {f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}
    assert lists == set(LISTS)
    assert {page.partition("{")[0] for page in PAGES} == lists


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_the_same_queries_for_1_and_3(
    path: str, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 3):
        worked_on(count)
        with django_assert_num_queries(LISTS[path]):
            assert desk.get(f"/admin/{path}").status_code == 200
        with django_assert_num_queries(LISTS[path]):
            assert desk.get(f"/admin/{path}?q=example").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_the_same_queries_for_1_and_3(
    path: str, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 3):
        ticket = worked_on(count)
        entry = ticket.history.newest_first()[0]
        act = AuditEntry.objects.latest("pk")
        audit, erasure = Audit.objects.latest("pk"), Erasure.objects.latest("pk")
        address = path.format(
            user=ticket.created_by_id, ticket=ticket.pk, entry=entry.pk, act=act.pk, audit=audit.pk, erasure=erasure.pk
        )
        with django_assert_num_queries(PAGES[path]):
            page = desk.get(f"/admin/{address}")
        assert page.status_code == 200
        if "ticket/" in path:
            assert page.content.decode().count('class="field-action"') == 2 * count + 2  # entries


@pytest.mark.parametrize(
    ("path", "asked", "found"),
    [
        ("tickets/ticket/", "ana@example", 1),
        ("tickets/ticket/", "bob@example.com", 0),
        ("tickets/ticket/", "TKT-", 2),
        ("tickets/historyentry/", "ana@example", 1),
        ("tickets/historyentry/", "bob@example.com", 2),
        ("accounts/user/", "ana@", 1),
        ("accounts/user/", "João", 1),
        ("accounts/user/", "SOUSA joao", 1),
        ("accounts/user/", "sousa bob", 0),
        ("tickets/ticket/", "sousa", 1),
        ("tickets/historyentry/", "sousa", 1),
    ],
)
def test_people_are_found_by_their_e_mail_and_name(path: str, asked: str, found: int, desk: Client) -> None:
    ana = factories.associate(email="ana@example.com", name="João Sousa")
    bob = factories.manager(email="bob@example.com")
    for author in (ana, factories.associate()):
        factories.ticket("PENDING", author=author, reviewer=bob)
    page = desk.get(f"/admin/{path}?q={asked}").content.decode()
    assert len(re.findall(r'<th class="field-', page)) == found


def test_a_ticket_leads_from_the_admin_to_the_desk_and_back(desk: Client) -> None:
    ticket = factories.ticket("PENDING")
    inside, outside = f"/admin/tickets/ticket/{ticket.pk}/change/", f"/desk/tickets/{ticket.ticket_number}/"
    assert f'href="{outside}"' in desk.get(inside).content.decode()
    assert f'href="{inside}"' in desk.get(outside).content.decode()
    assert 'href="/desk/"' in desk.get("/admin/").content.decode()
    client = Client()
    client.force_login(factories.manager())
    assert "/admin/" not in client.get(outside).content.decode()
    gone = factories.deleted(factories.ticket("DRAFT"))
    assert "View on site" not in words(desk.get(f"/admin/tickets/ticket/{gone.pk}/change/"))


def test_the_history_of_a_ticket_is_the_tickets_own(desk: Client) -> None:
    ticket, _other = factories.ticket("PENDING"), factories.ticket("PENDING")
    entry = ticket.history.newest_first()[0]
    for address in (f"tickets/ticket/{ticket.pk}", f"tickets/historyentry/{entry.pk}"):
        page = desk.get(f"/admin/{address}/history/", follow=True).content.decode()
        assert re.findall(r'class="field-action">(\w+)', page) == ["approved", "created"]
    for address in ("tickets/ticket/x", "tickets/historyentry/x"):
        assert desk.get(f"/admin/{address}/history/", follow=True).status_code == 200


@pytest.mark.parametrize(("count", "said"), [(1, "Done for 1 ticket."), (2, "Done for 2 tickets.")])
def test_one_and_many_are_told_apart(count: int, said: str, desk: Client) -> None:
    drafts = [str(factories.ticket("DRAFT").pk) for _ in range(count)]
    form = {"action": "approve", "_selected_action": drafts}
    assert said in words(desk.post("/admin/tickets/ticket/", form, follow=True))
    people = [str(factories.associate().pk) for _ in range(count)]
    page = desk.post("/admin/accounts/user/", {"action": "deactivate", "_selected_action": people}, follow=True)
    assert f"{count} {'person' if count == 1 else 'people'} can no longer sign in." in words(page)
