"""What the clock does to a ticket's times, also when somebody sets it back."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from accounts.models import User
from csvsync.imports.importer import import_statuses
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.csv_files import csv_file
from tickets import actions

pytestmark = pytest.mark.django_db

BEGIN, LATER, EARLIER = "2026-03-05T10:00:00.000Z", "2026-03-05T10:00:07.250Z", "2026-03-05T09:00:00.000Z"
NEW = {"title": "x", "description": "y", "dueDate": "2026-12-24", "severity": "LOW"}


def review(client: ApiClient, path: str) -> Any:
    return client.patch(f"{path}/review", {"action": "APPROVE"})


def delete(client: ApiClient, path: str) -> Any:
    return client.delete(path)


def bring_csv(client: ApiClient, path: str) -> Any:
    import_statuses(csv_file(f"{path.rpartition('/')[2]},,CLOSED", header="id,ticket_number,status"), user=None)


@pytest.fixture
def boss() -> User:
    return factories.manager()


@pytest.mark.parametrize(("clock", "shown"), [(LATER, LATER), (EARLIER, BEGIN)], ids=["goes on", "set back"])
@pytest.mark.parametrize("act", [review, delete, bring_csv])
def test_every_action_has_its_time_and_none_lies_before_the_last(boss: User, act: Any, clock: str, shown: str) -> None:
    with time_machine.travel("2026-03-05T08:00:00Z"):
        client = ApiClient(boss)
    with time_machine.travel(BEGIN, tick=False):
        made = ApiClient(factories.associate()).post("/tickets", NEW).json()
        path = f"/tickets/{made['id']}"
        if act is bring_csv:
            review(client, path)
    with time_machine.travel(clock, tick=False):
        act(client, path)
        if act is delete:
            client.post(f"{path}/restore")
        ticket, history = client.get(path).json(), client.get(f"{path}/history").json()
    assert (ticket["createdAt"], ticket["updatedAt"]) == (BEGIN, shown)
    expected = {review: ["approved"], delete: ["restored", "deleted"], bring_csv: ["imported", "approved"]}[act]
    assert [entry["action"] for entry in history] == [*expected, "created"]
    assert history[0]["createdAt"] == shown
    assert history[-1]["createdAt"] == BEGIN


def test_times_are_kept_to_the_milliseconds_that_clients_see(boss: User) -> None:
    with time_machine.travel("2026-03-05T10:00:00.123987Z", tick=False):
        ticket = actions.approve_ticket(boss, factories.ticket().pk)
    ticket.refresh_from_db()
    times = [ticket.created_at, ticket.updated_at, *ticket.history.values_list("created_at", flat=True)]
    assert {moment.microsecond for moment in times} == {123_000}
