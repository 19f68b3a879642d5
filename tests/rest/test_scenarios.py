"""The ways through the product that the earlier service's own end-to-end suite walks."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import upload
from tests.support.factories import PASSWORD
from tickets.models import HistoryEntry

pytestmark = pytest.mark.django_db

CRON_SECRET = "hGz3kT0q9WcXyR7mVnB2sLpE5uJdA8fY"
OUTAGE = {"title": "Printer", "description": "It prints black pages."}


def signed_in(email: str, role: str) -> ApiClient:
    factories.person(role, email=email, password=PASSWORD)
    answer = ApiClient().post("/auth/login", {"email": email, "password": PASSWORD}).json()
    assert answer["user"]["role"] == role
    return ApiClient(token=answer["access_token"])


@pytest.fixture
def associate() -> ApiClient:
    return signed_in("associate@example.com", "ASSOCIATE")


@pytest.fixture
def manager() -> ApiClient:
    return signed_in("manager@example.com", "MANAGER")


def create(client: ApiClient, title: str = "Printer") -> str:
    new = {"title": title, "description": "d", "dueDate": "2030-01-01T00:00:00Z", "severity": "MEDIUM"}
    response = client.post("/tickets", new)
    assert (response.status_code, response.json()["status"]) == (201, "DRAFT")
    return f"/tickets/{response.json()['id']}"


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_from_draft_over_review_to_the_pending_list(associate: ApiClient, manager: ApiClient) -> None:
    ticket = create(associate)
    raised = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": "Everybody waits"}
    assert manager.patch(f"{ticket}/review", raised).json()["status"] == "REVIEW"
    assert associate.patch(ticket, {"description": "More about it"}).json()["status"] == "DRAFT"
    assert manager.patch(f"{ticket}/review", {"action": "APPROVE"}).json()["status"] == "PENDING"
    pending = associate.get("/tickets?status=PENDING").json()
    assert [f"/tickets/{item['id']}" for item in pending["items"]] == [ticket]
    assert pending["items"][0]["severity"] == "HIGH"
    actions = [entry["action"] for entry in associate.get(f"{ticket}/history").json()]
    assert actions == ["approved", "edited", "severity_changed", "created"]


def test_a_manager_cannot_review_their_own(manager: ApiClient) -> None:
    own = create(manager)
    response = manager.patch(f"{own}/review", {"action": "APPROVE"})
    assert_error(response, 403, "own_ticket", "Manager cannot review own ticket")


def test_an_associate_cannot_review(associate: ApiClient) -> None:
    ticket = create(associate)
    response = associate.patch(f"{ticket}/review", {"action": "APPROVE"})
    assert_error(response, 403, "forbidden_role", "Forbidden resource")


def test_soft_delete_in_draft_and_not_in_pending(associate: ApiClient, manager: ApiClient) -> None:
    first, second = create(associate), create(associate)
    assert associate.delete(first).json()["deletedAt"] is not None
    assert associate.get(first).status_code == 404
    manager.patch(f"{second}/review", {"action": "APPROVE"})
    refused = associate.delete(second)
    assert_error(refused, 400, "past_deleting", "Cannot delete ticket with status >= PENDING")


def test_export_auto_process_import(associate: ApiClient, manager: ApiClient) -> None:
    tickets = [create(associate, f"t{n}") for n in range(10)]
    for ticket in tickets:
        manager.patch(f"{ticket}/review", {"action": "APPROVE"})
    create(associate, "stays a draft")

    export = manager.get("/csv/export/pending")
    assert export.status_code == 200
    exported = b"".join(export)
    assert exported.splitlines()[0] == b"id,ticket_number,status,severity,title,due_date"
    assert [f"/tickets/{row['id']}" for row in rows(exported)] == tickets

    process = upload(manager, "/csv/auto-process", exported)
    assert process.status_code == 201
    processed = b"".join(process)
    assert Counter(row["status"] for row in rows(processed)) == {"PENDING": 3, "OPEN": 3, "CLOSED": 4}

    counts = {"updatedCount": 7, "skippedCount": 3, "errorsCount": 0, "totalRows": 10, "errors": []}
    imported = upload(manager, "/csv/import", processed)
    assert (imported.status_code, imported.json()) == (201, counts)
    again = upload(manager, "/csv/import", processed)
    assert again.json() == {**counts, "updatedCount": 0, "skippedCount": 10}
    assert HistoryEntry.objects.filter(action="imported").count() == 7
    for status, number in (("PENDING", 3), ("OPEN", 3), ("CLOSED", 4), ("DRAFT", 1)):
        assert manager.get(f"/tickets?status={status}").json()["total"] == number


def test_the_exchange_is_for_managers(associate: ApiClient) -> None:
    for method, path in [
        ("GET", "/csv/export/pending"),
        ("POST", "/csv/auto-process"),
        ("POST", "/csv/import"),
        ("POST", "/automation/run-now"),
    ]:
        assert_error(associate.send(method, path), 403, "forbidden_role", "Forbidden resource")


def test_run_now_and_nightly(associate: ApiClient, manager: ApiClient, settings: Any) -> None:
    settings.CRON_SECRET = CRON_SECRET
    for n in range(6):
        manager.patch(f"{create(associate, f't{n}')}/review", {"action": "APPROVE"})
    first = manager.post("/automation/run-now")
    assert first.status_code == 201
    assert first.json()["exportedCount"] == 6
    assert first.json()["processedDistribution"] == {"PENDING": 2, "OPEN": 2, "CLOSED": 2}
    second = ApiClient().post("/automation/nightly", headers={"x-cron-secret": CRON_SECRET})
    assert (second.status_code, second.json()["exportedCount"]) == (201, 2)
    assert ApiClient(token=CRON_SECRET).post("/automation/nightly").status_code == 201
    for client, headers in [
        (ApiClient(), {}),
        (ApiClient(), {"x-cron-secret": "wrong"}),
        (manager, {}),
        (ApiClient(token="wrong"), {}),
    ]:
        refused = client.post("/automation/nightly", headers=headers)
        assert_error(refused, 401, "invalid_cron_secret", "Invalid cron secret")
    settings.CRON_SECRET = ""
    closed = ApiClient().post("/automation/nightly", headers={"x-cron-secret": CRON_SECRET})
    assert_error(closed, 401, "cron_secret_not_configured", "CRON_SECRET not configured")


def test_the_heuristic_answers_without_a_key(associate: ApiClient, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    response = associate.post("/ai/severity-suggestion", OUTAGE)
    assert response.status_code == 201
    answer = response.json()
    assert {name: answer[name] for name in ("source", "model")} == {"source": "HEURISTIC", "model": None}
    assert answer["severity"] in ("EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH")
    assert answer["reasons"]


@pytest.mark.parametrize("level", ["HIGH", "VERY_HIGH"])
@pytest.mark.parametrize("suffix", ["/v1", "/v1/chat/completions"])
def test_the_model_answers(
    associate: ApiClient, settings: Any, httpserver: HTTPServer, level: str, suffix: str
) -> None:
    settings.OPENAI_API_KEY, settings.OPENAI_MODEL = "sk-test", "gpt-4o-mini"
    settings.OPENAI_BASE_URL, settings.OPENAI_TIMEOUT_MS = httpserver.url_for(suffix), 10_000
    message = {"role": "assistant", "content": level}
    choices = [{"index": 0, "finish_reason": "stop", "message": message}]
    completion = {"id": "x", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini", "choices": choices}
    httpserver.expect_request("/v1/chat/completions", method="POST").respond_with_json(completion)
    answer = associate.post("/ai/severity-suggestion", OUTAGE).json()
    assert (answer["severity"], answer["source"], answer["model"]) == (level, "LLM", "gpt-4o-mini")
    [(request, _)] = httpserver.log
    sent = json.loads(request.data)
    assert (sent["messages"][0]["role"], sent["temperature"], sent["model"]) == ("system", 0, "gpt-4o-mini")
    assert OUTAGE["description"] in sent["messages"][-1]["content"]


def test_the_heuristic_answers_when_the_model_fails(
    associate: ApiClient, settings: Any, httpserver: HTTPServer
) -> None:
    settings.OPENAI_API_KEY = "sk-test"
    settings.OPENAI_BASE_URL, settings.OPENAI_TIMEOUT_MS = httpserver.url_for("/v1"), 10_000
    httpserver.expect_request("/v1/chat/completions").respond_with_json({"error": {"message": "no"}}, status=500)
    response = associate.post("/ai/severity-suggestion", OUTAGE)
    assert (response.status_code, response.json()["source"], response.json()["model"]) == (201, "HEURISTIC", None)
