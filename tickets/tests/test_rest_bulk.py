"""`POST /tickets/bulk`: each ticket is judged by itself, as if it alone had been asked for."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def manager() -> User:
    return factories.manager()


def make(author: User, severity: str = "MEDIUM") -> str:
    return str(factories.ticket(author=author, severity=severity).pk)


def results(client: ApiClient, body: Any) -> list[tuple[str, bool, str | None]]:
    answer = client.post("/tickets/bulk", body)
    assert answer.status_code == 201, answer.content
    told = answer.json()["results"]
    assert set(answer.json()) == {"results"}
    for each in told:
        assert set(each) == {"id", "ok", "code", "message"}
        assert (each["message"] is None) == (each["code"] is None) == each["ok"]
    return [(each["id"], each["ok"], each["code"]) for each in told]


def test_each_is_told_in_the_order_of_the_ids(author: User, manager: User) -> None:
    draft, own, closed = make(author), make(manager), make(author)
    ApiClient(manager).patch(f"/tickets/{closed}/review", {"action": "APPROVE"})
    body = {"action": "APPROVE", "ids": [closed, NOBODYS, own, draft.upper(), "no-id"]}
    assert results(ApiClient(manager), body) == [
        (closed, False, "not_in_draft"),
        (NOBODYS, False, "ticket_not_found"),
        (own, False, "own_ticket"),
        (draft.upper(), True, None),
        ("no-id", False, "ticket_not_found"),
    ]
    assert Ticket.objects.get(pk=draft).status == "PENDING"
    assert Ticket.objects.get(pk=own).status == "DRAFT"


def test_severities_change_by_the_rules_of_one_review(author: User, manager: User) -> None:
    ids = [make(author, severity) for severity in ("LOW", "HIGH", "MEDIUM")]
    change = {"newSeverity": "MEDIUM", "severityChangeReason": "As every printer"}
    assert results(ApiClient(manager), {"action": "CHANGE_SEVERITY", "ids": ids, **change}) == [
        (ids[0], True, None),
        (ids[1], True, None),
        (ids[2], False, "same_severity"),
    ]
    assert [Ticket.objects.get(pk=pk).status for pk in ids] == ["REVIEW", "PENDING", "DRAFT"]
    entry = HistoryEntry.objects.get(ticket=uuid.UUID(ids[0]), version=2)
    assert (entry.reason, entry.user) == ("severity changed: As every printer", manager)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "new_severity_required"),
        ({"newSeverity": "LOW"}, "reason_required"),
        ({"newSeverity": "LOW", "severityChangeReason": "  "}, "reason_required"),
    ],
)
def test_what_a_move_misses_is_told_of_each(more: dict[str, str], code: str, author: User, manager: User) -> None:
    pk = make(author)
    assert results(ApiClient(manager), {"action": "CHANGE_SEVERITY", "ids": [pk], **more}) == [(pk, False, code)]


def test_what_belongs_to_another_action_is_ignored(author: User, manager: User) -> None:
    pk = make(author)
    body = {"action": "APPROVE", "ids": [pk], "newSeverity": "NONE", "severityChangeReason": 7}
    assert results(ApiClient(manager), body) == [(pk, True, None)]


def test_versions_are_expected_where_they_are_given(author: User, manager: User) -> None:
    first, second, third = make(author), make(author), make(author)
    body = {"action": "APPROVE", "ids": [first, second, third], "versions": {first: 1, second: 2}}
    assert results(ApiClient(manager), body) == [
        (first, True, None),
        (second, False, "changed_meanwhile"),
        (third, True, None),
    ]


def test_associates_delete_and_restore_their_own(author: User) -> None:
    own, foreign = make(author), make(factories.associate())
    client = ApiClient(author)
    assert results(client, {"action": "DELETE", "ids": [own, foreign]}) == [
        (own, True, None),
        (foreign, False, "not_allowed_on_this_ticket"),
    ]
    assert results(client, {"action": "RESTORE", "ids": [own, foreign]}) == [
        (own, True, None),
        (foreign, False, "not_deleted"),
    ]


def test_a_deleted_ticket_that_one_may_not_see_is_none(author: User, manager: User) -> None:
    pk = make(author)
    ApiClient(manager).delete(f"/tickets/{pk}")
    assert results(ApiClient(author), {"action": "RESTORE", "ids": [pk]}) == [(pk, False, "ticket_not_found")]
    assert results(ApiClient(author), {"action": "DELETE", "ids": [pk]}) == [(pk, False, "ticket_not_found")]
    assert results(ApiClient(manager), {"action": "RESTORE", "ids": [pk]}) == [(pk, True, None)]


@pytest.mark.parametrize("action", ["APPROVE", "CHANGE_SEVERITY"])
@pytest.mark.parametrize("more", [{}, {"ids": []}, {"ids": "x", "unknown": 1}])
def test_associates_review_nothing_whatever_the_body(action: str, more: dict[str, Any], author: User) -> None:
    answer = ApiClient(author).post("/tickets/bulk", {"action": action, **more})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_role")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": None}, "action"),
        ({"action": "approve"}, "action"),
        ({"action": ["APPROVE"]}, "action"),
        ({"ids": None}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": "x"}, "ids"),
        ({"ids": [7]}, "ids"),
        ({"ids": [None]}, "ids"),
        ({"ids": [NOBODYS, NOBODYS]}, "ids"),
        ({"ids": [NOBODYS, NOBODYS.replace("a", "A").upper()]}, "ids"),
        ({"ids": [f"{NOBODYS[:-3]}{n:03d}" for n in range(201)]}, "ids"),
        ({"versions": [1]}, "versions"),
        ({"versions": {NOBODYS: "1"}}, "versions"),
        ({"versions": {NOBODYS: 0}}, "versions"),
        ({"versions": {NOBODYS: True}}, "versions"),
        ({"versions": {"another": 1}}, "versions"),
        ({"strange": 1}, "strange"),
    ],
)
def test_a_wrong_shape_is_refused_as_a_whole(change: dict[str, Any], field: str, manager: User) -> None:
    body = {"action": "DELETE", "ids": [NOBODYS], **change}
    answer = ApiClient(manager).post("/tickets/bulk", body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


FORM = "application/x-www-form-urlencoded"


def test_a_form_repeats_a_field_for_each_item_of_a_list(author: User, manager: User) -> None:
    ids = [make(author) for _ in range(3)]

    def sent(form: str) -> list[tuple[str, bool]]:
        answer = ApiClient(manager).post("/tickets/bulk", form.encode(), content_type=FORM)
        assert answer.status_code == 201, answer.content
        return [(each["id"], each["ok"]) for each in answer.json()["results"]]

    assert sent(f"action=DELETE&ids={ids[2]}&ids={ids[0]}") == [(ids[2], True), (ids[0], True)]
    assert sent(f"ids={ids[0]}&action=RESTORE") == [(ids[0], True)]
    ignored = "newSeverity=NONE&severityChangeReason="
    assert sent(f"ids={ids[0]}&action=APPROVE&ids={ids[1]}&{ignored}") == [(ids[0], True), (ids[1], True)]
    assert sorted(Ticket.objects.live().values_list("status", flat=True)) == ["PENDING", "PENDING"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("action=DELETE", "ids"),
        (f"action=DELETE&ids={NOBODYS}&ids={NOBODYS}", "ids"),
        (f"action=DELETE&ids={NOBODYS}&versions=1", "versions"),
        (f"action=DELETE&ids={NOBODYS}&ids[]={NOBODYS}", "ids[]"),
        ("action=DELETE" + "".join(f"&ids={n}" for n in range(201)), "ids"),
    ],
)
def test_a_form_of_a_wrong_shape_is_refused_as_a_whole(form: str, field: str, manager: User) -> None:
    answer = ApiClient(manager).post("/tickets/bulk", form.encode(), content_type=FORM)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert list(answer.json()["fields"]) == [field]


def test_two_hundred_are_taken(manager: User) -> None:
    ids = [f"{NOBODYS[:-3]}{n:03d}" for n in range(200)]
    told = results(ApiClient(manager), {"action": "DELETE", "ids": ids})
    assert [id for id, _ok, _code in told] == ids


def test_nobody_unknown_does_anything() -> None:
    assert ApiClient().post("/tickets/bulk", {"action": "DELETE", "ids": [NOBODYS]}).status_code == 401


def test_a_ticket_more_costs_its_own_queries_only(author: User, manager: User, django_assert_num_queries: Any) -> None:
    """Queries tell who asks and which tickets there are, and then do the action itself for each."""
    one, three = [make(author)], [make(author) for _ in range(3)]
    with django_assert_num_queries(2 + 9):
        ApiClient(manager).post("/tickets/bulk", {"action": "APPROVE", "ids": one})
    with django_assert_num_queries(2 + 3 * 9):
        ApiClient(manager).post("/tickets/bulk", {"action": "APPROVE", "ids": three})
