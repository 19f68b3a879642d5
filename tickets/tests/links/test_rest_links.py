"""Links over REST: what is linked, how each side sees it, and what is refused."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.models import HistoryEntry, Ticket, TicketLink

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def ana() -> User:
    return factories.associate()


@pytest.fixture
def one(ana: User) -> Ticket:
    return factories.ticket(author=ana, title="No network")


@pytest.fixture
def two() -> Ticket:
    return factories.ticket("OPEN", title="The switch is broken")


def link(user: User, ticket: Ticket, other: Ticket, kind: str = "DUPLICATE_OF") -> Any:
    answer = ApiClient(user).post(f"/tickets/{ticket.pk}/links", {"ticketId": str(other.pk), "kind": kind})
    assert answer.status_code == 201, answer.content
    return answer.json()


def links_of(user: User, ticket: Ticket) -> Any:
    answer = ApiClient(user).get(f"/tickets/{ticket.pk}/links")
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize(
    ("kind", "from_there"),
    [("DUPLICATE_OF", "DUPLICATED_BY"), ("FOLLOW_UP_OF", "FOLLOWED_UP_BY"), ("RELATED", "RELATED")],
)
def test_a_link_is_shown_at_both_tickets_as_each_sees_it(
    ana: User, one: Ticket, two: Ticket, kind: str, from_there: str
) -> None:
    made = link(ana, one, two, kind)
    assert made == {
        "id": made["id"],
        "kind": kind,
        "ticketId": str(two.pk),
        "ticketNumber": two.ticket_number,
        "title": "The switch is broken",
        "status": "OPEN",
        "createdById": str(ana.pk),
        "createdAt": made["createdAt"],
    }
    assert links_of(factories.associate(), one) == [made]
    other_side = {"ticketId": str(one.pk), "ticketNumber": one.ticket_number, "title": "No network", "status": "DRAFT"}
    assert links_of(factories.manager(), two) == [{**made, "kind": from_there, **other_side}]


def test_neither_ticket_changes(ana: User, one: Ticket, two: Ticket) -> None:
    before = list(Ticket.objects.order_by("pk").values())
    entries = HistoryEntry.objects.count()
    made = link(ana, one, two)
    assert ApiClient(ana).delete(f"/links/{made['id']}").json() == made
    assert list(Ticket.objects.order_by("pk").values()) == before
    assert HistoryEntry.objects.count() == entries
    assert links_of(ana, one) == links_of(ana, two) == []


def test_two_tickets_have_one_link_of_a_kind_whichever_it_is_from(ana: User, one: Ticket, two: Ticket) -> None:
    kinds = ("DUPLICATE_OF", "FOLLOW_UP_OF", "RELATED")
    made = [link(ana, one, two, kind)["id"] for kind in kinds]
    for kind in kinds:
        for ticket, other in ((one, two), (two, one)):
            body = {"ticketId": str(other.pk), "kind": kind}
            answer = ApiClient(factories.manager()).post(f"/tickets/{ticket.pk}/links", body)
            assert_error(answer, 409, "already_linked")
    assert [each["id"] for each in links_of(ana, two)] == made


def test_a_ticket_is_not_linked_to_itself(ana: User, one: Ticket) -> None:
    body = {"ticketId": str(one.pk), "kind": "RELATED"}
    assert_error(ApiClient(ana).post(f"/tickets/{one.pk}/links", body), 400, "linked_to_itself")


def test_who_has_made_a_link_or_a_manager_removes_it(ana: User, one: Ticket, two: Ticket) -> None:
    first, second = link(ana, one, two, "RELATED"), link(ana, two, one, "FOLLOW_UP_OF")
    assert_error(ApiClient(two.created_by).delete(f"/links/{first['id']}"), 403, "not_your_link")
    assert ApiClient(factories.manager()).delete(f"/links/{first['id']}").json() == first
    assert_error(ApiClient(ana).delete(f"/links/{first['id']}"), 404, "link_not_found")
    assert ApiClient(ana).delete(f"/links/{second['id']}").json() == second


def test_links_hide_with_either_ticket_and_come_back_with_it(ana: User, one: Ticket) -> None:
    two = factories.ticket(author=ana)
    made, api = link(ana, two, one), ApiClient(ana)
    for gone, other in ((one, two), (two, one)):
        factories.deleted(gone, by=ana)
        for person in (ana, factories.manager(), factories.associate()):
            assert links_of(person, other) == []
            for answer in (ApiClient(person).delete(f"/links/{made['id']}"),):
                assert_error(answer, 404, "link_not_found")
        body = {"kind": "RELATED"}
        for path, other_id in ((other.pk, gone.pk), (gone.pk, other.pk)):
            answer = api.post(f"/tickets/{path}/links", {**body, "ticketId": str(other_id)})
            assert_error(answer, 404, "ticket_not_found", "Ticket not found")
        assert_error(api.get(f"/tickets/{gone.pk}/links"), 404, "ticket_not_found")
        factories.restored(gone)
    assert links_of(ana, two) == [made]


def test_a_ticket_has_at_most_100_links(ana: User, one: Ticket, two: Ticket) -> None:
    others = [factories.ticket() for _ in range(2)]
    kinds = ("DUPLICATE_OF", "FOLLOW_UP_OF", "RELATED")
    fill(one, 99)
    link(ana, others[0], one)
    for ticket, other in ((one, two), (two, one)):
        for kind in kinds:
            answer = ApiClient(ana).post(f"/tickets/{ticket.pk}/links", {"ticketId": str(other.pk), "kind": kind})
            assert_error(answer, 400, "too_many_links")
    assert len(links_of(ana, one)) == 100
    link(ana, others[1], two)


def fill(ticket: Ticket, count: int) -> None:
    """Link it with as many tickets as are needed, past the action."""
    kinds, most = ("DUPLICATE_OF", "FOLLOW_UP_OF", "RELATED"), (count + 2) // 3
    pairs = [(factories.ticket(), kind) for kind in [None] * most]
    wanted = [(other, kind) for other, _ in pairs for kind in kinds][:count]
    TicketLink.objects.bulk_create(
        [
            TicketLink(source=ticket, target=other, kind=kind, created_by=ticket.created_by, created_at=AT)
            for other, kind in wanted
        ]
    )


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_link_as_for_many(
    ana: User, one: Ticket, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        link(ana, one, factories.ticket())
    api = ApiClient(ana)
    with django_assert_num_queries(3):  # who asks, the ticket, and its links with what is told of the others
        assert len(api.get(f"/tickets/{one.pk}/links").json()) == count


def test_both_tickets_are_shared_newest_first(ana: User, one: Ticket, two: Ticket) -> None:
    """As an action on many goes through them, so that nobody waits for who waits for them."""
    for ticket, other, kind in ((one, two, "RELATED"), (two, one, "FOLLOW_UP_OF")):
        with CaptureQueriesContext(connection) as asked:
            link(ana, ticket, other, kind)
        order = 'ORDER BY "tickets_ticket"."year" DESC, "tickets_ticket"."sequence" DESC'
        [shared] = [query["sql"] for query in asked if order in query["sql"]]
        assert shared.endswith(" FOR KEY SHARE") is (connection.vendor == "postgresql")


# --- Shape and what is not there

SOME_ID = "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11"
BAD_BODIES: list[tuple[Any, set[str]]] = [
    ({}, {"ticketId", "kind"}),
    ({"ticketId": SOME_ID}, {"kind"}),
    ({"kind": "RELATED"}, {"ticketId"}),
    ({"ticketId": None, "kind": None}, {"ticketId", "kind"}),
    ({"ticketId": 7, "kind": "RELATED"}, {"ticketId"}),
    ({"ticketId": "", "kind": "RELATED"}, {"ticketId"}),
    ({"ticketId": SOME_ID, "kind": "related"}, {"kind"}),
    ({"ticketId": SOME_ID, "kind": "DUPLICATED_BY"}, {"kind"}),  # which is how the other ticket sees one
    ({"ticketId": SOME_ID, "kind": ["RELATED"]}, {"kind"}),
    ({"ticketId": SOME_ID, "kind": "RELATED", "note": "x"}, {"note"}),
    ([], {"body"}),
]


def test_a_body_of_the_wrong_shape_is_refused(ana: User, one: Ticket) -> None:
    for body, fields in BAD_BODIES:
        for ticket_id in (one.pk, uuid.uuid4()):  # shape stands before the ticket
            answer = ApiClient(ana).post(f"/tickets/{ticket_id}/links", body)
            assert set(assert_error(answer, 400, "invalid_input")["fields"]) == fields
    assert TicketLink.objects.count() == 0


@pytest.mark.parametrize("id", [SOME_ID, "x", "%00", "TKT-2026-000001", "x" * 3000], ids=range(5))
def test_what_is_not_there_is_not_found(ana: User, one: Ticket, id: str) -> None:
    api, body = ApiClient(ana), {"ticketId": str(one.pk), "kind": "RELATED"}
    assert_error(api.delete(f"/links/{id}"), 404, "link_not_found")
    for answer in (api.get(f"/tickets/{id}/links"), api.post(f"/tickets/{id}/links", body)):
        assert_error(answer, 404, "ticket_not_found")
    if id != "%00":
        answer = api.post(f"/tickets/{one.pk}/links", {**body, "ticketId": id})
        assert_error(answer, 404, "ticket_not_found")


def test_a_form_is_taken_as_well(ana: User, one: Ticket, two: Ticket) -> None:
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = ApiClient(ana).post(f"/tickets/{one.pk}/links", f"ticketId={two.pk}&kind=RELATED", **form)
    assert (answer.status_code, answer.json()["kind"]) == (201, "RELATED")
