"""Several people act on one ticket at the same moment: one wins, the others get the answer of a later request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.patience import PATIENCE
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 20
type Answer = tuple[int, str | None]
type Request = tuple[ApiClient, str, str, dict[str, str]]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(6) as executor:
        yield executor


def at_once(pool: ThreadPoolExecutor, requests: list[Request]) -> list[Answer]:
    """Status and message of each answer; the requests set out together, each in a thread of its own."""
    start = Barrier(len(requests))

    def run(request: Request) -> Answer:
        try:
            start.wait(PATIENCE)
            client, method, path, body = request
            response = client.send(method, path, body)
            return response.status_code, response.json().get("message")
        finally:
            connection.close()

    return list(pool.map(run, requests))


def test_of_six_reviews_of_one_draft_one_wins(pool: ThreadPoolExecutor) -> None:
    clients = [ApiClient(factories.manager()) for _ in range(6)]
    raised = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": "up"}
    lowered = {"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": "down"}
    bodies = [{"action": "APPROVE"}, raised, lowered] * 2
    for _ in range(ROUNDS):
        draft = factories.ticket(severity="MEDIUM")
        path = f"/tickets/{draft.pk}/review"
        answers = at_once(pool, [(client, "PATCH", path, body) for client, body in zip(clients, bodies, strict=True)])
        assert Counter(answers) == {(200, None): 1, (400, "Only DRAFT tickets can be reviewed"): 5}
        versions = HistoryEntry.objects.filter(ticket=draft).values_list("version", flat=True)
        assert sorted(versions) == [1, 2]


def test_of_six_approvals_of_one_draft_one_wins(pool: ThreadPoolExecutor) -> None:
    clients = [ApiClient(factories.manager()) for _ in range(6)]
    for _ in range(ROUNDS):
        draft = factories.ticket()
        path = f"/tickets/{draft.pk}/review"
        answers = at_once(pool, [(client, "PATCH", path, {"action": "APPROVE"}) for client in clients])
        assert Counter(answers) == {(200, None): 1, (400, "Only DRAFT tickets can be reviewed"): 5}
        assert HistoryEntry.objects.filter(ticket=draft).count() == 2
        winner = HistoryEntry.objects.get(ticket=draft, action="approved").user_id
        assert Ticket.objects.get(pk=draft.pk).reviewed_by_id == winner


def test_of_approval_and_deletion_one_wins(pool: ThreadPoolExecutor) -> None:
    author = factories.associate()
    approver, deleter = ApiClient(factories.manager()), ApiClient(author)
    for _ in range(ROUNDS):
        draft = factories.ticket(author=author)
        approved, deleted = at_once(
            pool,
            [
                (approver, "PATCH", f"/tickets/{draft.pk}/review", {"action": "APPROVE"}),
                (deleter, "DELETE", f"/tickets/{draft.pk}", {}),
            ],
        )
        draft.refresh_from_db()
        if approved == (200, None):
            assert deleted == (400, "Cannot delete ticket with status >= PENDING")
            assert (draft.status, draft.deleted_at) == ("PENDING", None)
        else:
            assert (approved, deleted) == ((404, "Ticket not found"), (200, None))
            assert draft.status == "DRAFT"
            assert draft.deleted_at is not None
        assert HistoryEntry.objects.filter(ticket=draft).count() == 2


def test_of_two_edits_one_wins(pool: ThreadPoolExecutor) -> None:
    author = factories.associate()
    clients = [ApiClient(author), ApiClient(factories.manager())]
    for _ in range(ROUNDS):
        sent_back = factories.ticket("REVIEW", author=author)
        path = f"/tickets/{sent_back.pk}"
        answers = at_once(pool, [(client, "PATCH", path, {"title": "Mine"}) for client in clients])
        assert Counter(answers) == {(200, None): 1, (400, "Only tickets in REVIEW can be edited"): 1}
        assert HistoryEntry.objects.filter(ticket=sent_back).count() == 3


def test_of_six_restorations_one_wins(pool: ThreadPoolExecutor) -> None:
    clients = [ApiClient(factories.manager()) for _ in range(6)]
    for _ in range(5):
        gone = factories.deleted(factories.ticket())
        path = f"/tickets/{gone.pk}/restore"
        answers = at_once(pool, [(client, "POST", path, {}) for client in clients])
        assert sorted(status for status, _ in answers) == [201, 400, 400, 400, 400, 400]
        assert HistoryEntry.objects.filter(ticket=gone).count() == 3


def test_six_people_create_at_once_in_a_year_without_tickets(pool: ThreadPoolExecutor) -> None:
    clients = [ApiClient(factories.associate()) for _ in range(6)]
    new = {"title": "t", "description": "d", "dueDate": "2030-01-01", "severity": "LOW"}
    answers = at_once(pool, [(client, "POST", "/tickets", new) for client in clients])
    assert answers == [(201, None)] * 6
    assert sorted(Ticket.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]
