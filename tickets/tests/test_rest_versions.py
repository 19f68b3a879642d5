"""`ETag`, `If-Match` and `If-None-Match`: who expects another version of a ticket is told, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

type Change = Callable[[ApiClient, str, dict[str, str]], Any]


def edit(client: ApiClient, path: str, headers: dict[str, str]) -> Any:
    return client.patch(path, {"title": "Another title"}, headers=headers)


def approve(client: ApiClient, path: str, headers: dict[str, str]) -> Any:
    return client.patch(f"{path}/review", {"action": "APPROVE"}, headers=headers)


def lower(client: ApiClient, path: str, headers: dict[str, str]) -> Any:
    body = {"action": "CHANGE_SEVERITY", "newSeverity": "EASY", "severityChangeReason": "One printer of ten"}
    return client.patch(f"{path}/review", body, headers=headers)


def delete(client: ApiClient, path: str, headers: dict[str, str]) -> Any:
    return client.delete(path, headers=headers)


def restore(client: ApiClient, path: str, headers: dict[str, str]) -> Any:
    return client.post(f"{path}/restore", headers=headers)


# Each change with the state of a ticket that it fits.
CHANGES = [(edit, "review"), (approve, "draft"), (lower, "draft"), (delete, "draft"), (restore, "deleted")]
each_change = pytest.mark.parametrize(("change", "state"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])


def ticket_in(state: str, author: User, manager: User) -> Ticket:
    if state == "deleted":
        return factories.deleted(factories.ticket(author=author), by=manager)
    return factories.ticket(state.upper(), author=author, reviewer=manager)


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def manager() -> User:
    return factories.manager()


def test_every_answer_that_is_one_ticket_carries_its_tag(author: User, manager: User) -> None:
    client, judge = ApiClient(author), ApiClient(manager)
    body = {"title": "Printer", "description": "It is on fire", "dueDate": "2030-01-31T09:30:00Z", "severity": "MEDIUM"}
    made = client.post("/tickets", body)
    path = f"/tickets/{made.json()['id']}"
    answers = [made, client.get(path)]
    raised = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": "It burns"}
    answers.append(judge.patch(f"{path}/review", raised))
    answers.append(client.patch(path, {"title": "Printer burns"}))
    answers.append(client.delete(path))
    answers.append(client.post(f"{path}/restore"))
    answers.append(client.get(path))
    assert [answer["ETag"] for answer in answers] == ['"1"', '"1"', '"2"', '"3"', '"4"', '"5"', '"5"']


@each_change
@pytest.mark.parametrize(
    "header", ['"{v}"', 'W/"{v}"', '"99", "{v}"', '"x","{v}" , W/"3"', "*", ' "{v}" ', ',"{v}",,', '"a,b", "{v}"']
)
def test_the_version_that_is_expected_lets_the_change_pass(
    change: Change, state: str, header: str, author: User, manager: User
) -> None:
    ticket = ticket_in(state, author, manager)
    client = ApiClient(author if change is edit else manager)
    answer = change(client, f"/tickets/{ticket.pk}", {"If-Match": header.replace("{v}", str(ticket.version))})
    assert answer.status_code in (200, 201)
    assert answer["ETag"] == f'"{ticket.version + 1}"'


@each_change
@pytest.mark.parametrize("header", ['"99"', '"wrong"', 'W/"99"', '""', '"01"', '"99999999999999999999"'])
def test_another_version_is_refused_with_the_present_ticket(
    change: Change, state: str, header: str, author: User, manager: User
) -> None:
    ticket = ticket_in(state, author, manager)
    client = ApiClient(author if change is edit else manager)
    before = HistoryEntry.objects.count()
    answer = change(client, f"/tickets/{ticket.pk}", {"If-Match": header})
    assert answer.status_code == 412
    body = answer.json()
    assert body["statusCode"] == 412
    assert body["error"] == "Precondition Failed"
    assert body["code"] == "changed_meanwhile"
    assert body["message"]
    assert body["ticket"]["id"] == str(ticket.pk)
    assert body["ticket"]["status"] == ticket.status
    assert set(body) == {"statusCode", "error", "code", "message", "ticket"}
    assert answer["ETag"] == f'"{ticket.version}"'
    assert HistoryEntry.objects.count() == before
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version


@each_change
@pytest.mark.parametrize(
    "header", ["", "7", "wrong", '"1 "', '"7', '7"', 'w/"7"', '"7" "8"', '*, "7"', '"7",x', '"\u00fc\n"', "W/"]
)
def test_what_is_no_tag_is_refused_as_input(
    change: Change, state: str, header: str, author: User, manager: User
) -> None:
    ticket = ticket_in(state, author, manager)
    client = ApiClient(author if change is edit else manager)
    answer = change(client, f"/tickets/{ticket.pk}", {"If-Match": header})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert list(answer.json()["fields"]) == ["If-Match"]
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version


def test_412_stands_after_404_and_before_the_state_and_the_permission(author: User, manager: User) -> None:
    wrong = {"If-Match": '"99"'}
    assert approve(ApiClient(manager), "/tickets/00000000-0000-4000-8000-000000000000", wrong).status_code == 404
    ticket = ticket_in("review", author, manager)
    path = f"/tickets/{ticket.pk}"
    # Only a DRAFT can be reviewed, and only its author may edit this one: both come later.
    assert approve(ApiClient(manager), path, wrong).status_code == 412
    assert edit(ApiClient(factories.associate()), path, wrong).status_code == 412
    # The role comes before the shape of the header, and both before the ticket.
    assert approve(ApiClient(author), path, {"If-Match": "x"}).status_code == 403
    assert approve(ApiClient(manager), "/tickets/none", {"If-Match": "x"}).status_code == 400


def test_of_a_deleted_ticket_nothing_is_shown_to_who_may_not_see_it(author: User, manager: User) -> None:
    ticket = ticket_in("deleted", author, manager)
    answer = restore(ApiClient(author), f"/tickets/{ticket.pk}", {"If-Match": '"99"'})
    assert answer.status_code == 412
    assert answer.json()["ticket"] is None
    assert ticket.title not in answer.content.decode()


def test_who_has_the_present_version_is_not_sent_it_again(author: User, manager: User) -> None:
    ticket = ticket_in("draft", author, manager)
    client, path = ApiClient(author), f"/tickets/{ticket.pk}"
    for header in ['"1"', 'W/"1"', '"9", "1"', "*"]:
        answer = client.get(path, headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", '"1"')
    for header in ['"2"', "x", '"1', ""]:
        assert client.get(path, headers={"If-None-Match": header}).status_code == 200
    ApiClient(manager).delete(path)
    assert client.get(path, headers={"If-None-Match": '"1"'}).status_code == 404


def test_a_hostile_header_takes_no_time(author: User, manager: User) -> None:
    ticket = ticket_in("draft", author, manager)
    for header in ['"1",' * 2000 + "x", "," * 8000 + "x", "W/" * 4000, '"' * 8001, " ," * 4000]:
        assert delete(ApiClient(author), f"/tickets/{ticket.pk}", {"If-Match": header}).status_code == 400
