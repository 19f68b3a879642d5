"""Starting a cycle over REST, and uploading files."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import imported_entries, multipart, status_of, upload
from tests.support.cycles import running
from tickets.models import HistoryEntry

pytestmark = pytest.mark.django_db

SECRET = "a secret of more than thirty-two characters, ünd bytes"


def assert_result(response: Any, exported: int, pending: int, opened: int, closed: int) -> None:
    assert response.status_code == 201, response.content
    result = response.json()
    times = result.pop("timestamps")
    assert result == {
        "exportedCount": exported,
        "processedDistribution": {"PENDING": pending, "OPEN": opened, "CLOSED": closed},
        "importResult": {
            "updatedCount": opened + closed,
            "skippedCount": pending,
            "errorsCount": 0,
            "totalRows": exported,
        },
    }
    assert set(times) == {"startedAt", "finishedAt"}
    assert times["startedAt"] <= times["finishedAt"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment) for moment in times.values())


# --- run-now ---------------------------------------------------------------------------------------------------------


def test_run_now_runs_a_cycle_in_the_name_of_its_manager() -> None:
    tickets = [factories.ticket("PENDING") for _ in range(4)]
    manager = factories.manager()
    assert_result(ApiClient(manager).post("/automation/run-now"), 4, 1, 1, 2)
    entries = [entry for ticket in tickets for entry in imported_entries(ticket)]
    assert [entry.user_id for entry in entries] == [manager.pk] * 3
    assert Run.objects.get(kind="CYCLE").started_by == manager


def test_run_now_is_for_managers() -> None:
    assert_error(ApiClient().post("/automation/run-now"), 401, "unauthorized", "Unauthorized")
    response = ApiClient(factories.associate()).post("/automation/run-now")
    assert_error(response, 403, "forbidden_role", "Forbidden resource")
    assert_error(ApiClient(factories.manager()).get("/automation/run-now"), 405, "method_not_allowed")
    assert not Run.objects.exists()


BODIES = [
    (b"", ""),
    (b"{}", "application/json"),
    (b"{broken", "application/json"),
    (b"null", "application/json"),
    (b"x", "text/plain"),
    (b"\x00\xff", "application/octet-stream"),
    (b"a=b", "application/x-www-form-urlencoded"),
    (b"broken", "multipart/form-data"),
    (b"x", "no type at all"),
]


@pytest.mark.parametrize(("body", "content_type"), BODIES)
def test_run_now_ignores_its_body(body: bytes, content_type: str) -> None:
    client = ApiClient(factories.manager())
    assert_result(client.post("/automation/run-now", body, content_type=content_type), 0, 0, 0, 0)


def test_while_a_cycle_runs_another_is_refused() -> None:
    ticket = factories.ticket("PENDING")
    running()
    response = ApiClient(factories.manager()).post("/automation/run-now")
    assert "A cycle has been running since" in assert_conflict(response)
    with override_settings(CRON_SECRET=SECRET):
        assert_conflict(ApiClient().post("/automation/nightly", headers=sent({"x-cron-secret": SECRET})))
    assert status_of(ticket) == "PENDING"


def assert_conflict(response: Any) -> str:
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["statusCode"], body["error"]) == (409, 409, "Conflict")
    assert body["code"] == "cycle_running"
    return str(body["message"])


def test_queries_do_not_depend_on_the_number_of_tickets() -> None:
    client = ApiClient(factories.manager())
    factories.ticket("PENDING")
    seen = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.post("/automation/run-now")
        # For which tables statistics are due depends on what other tests have left in them.
        seen.append(sum(not query["sql"].startswith("ANALYZE (SKIP_LOCKED)") for query in queries))
        for _ in range(6):
            factories.ticket("PENDING")
    assert seen == [{"sqlite": 46, "postgresql": 67}[connection.vendor]] * 2


# --- nightly ---------------------------------------------------------------------------------------------------------

LET_IN = [
    {"x-cron-secret": SECRET},
    {"x-cron-secret": f" {SECRET} "},
    {"Authorization": f"Bearer {SECRET}"},
    {"Authorization": f"bearer {SECRET}"},
    {"Authorization": f"BEARER  {SECRET}"},
    {"x-cron-secret": SECRET, "Authorization": "Bearer wrong"},
    {"x-cron-secret": SECRET, "Authorization": "Basic dTpw"},
    {"x-cron-secret": "wrong", "Authorization": f"Bearer {SECRET}"},
    {"x-cron-secret": "", "Authorization": f"Bearer {SECRET}"},
]
KEPT_OUT = [
    {},
    {"x-cron-secret": ""},
    {"x-cron-secret": "wrong"},
    {"x-cron-secret": SECRET + "x"},
    {"x-cron-secret": SECRET[:-1]},
    {"x-cron-secret": SECRET.upper()},
    {"x-cron-secret": f"Bearer {SECRET}"},
    {"Authorization": SECRET},
    {"Authorization": f"Basic {SECRET}"},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer wrong"},
    {"x-cron-secret": "wrong", "Authorization": "Bearer wrong"},
    {"x-cron-secret": "\u20ac"},
]


def sent(headers: dict[str, str]) -> dict[str, str]:
    """The headers as a server hands them on: each byte is a character."""
    return {name: value.encode().decode("latin-1") for name, value in headers.items()}


@pytest.mark.parametrize("headers", LET_IN, ids=range(len(LET_IN)))
@override_settings(CRON_SECRET=SECRET)
def test_the_cron_secret_lets_in(headers: dict[str, str]) -> None:
    tickets = [factories.ticket("PENDING") for _ in range(3)]
    assert_result(ApiClient().post("/automation/nightly", headers=sent(headers)), 3, 1, 1, 1)
    entries = [entry for ticket in tickets for entry in imported_entries(ticket)]
    assert [entry.user_id for entry in entries] == [None, None]
    assert Run.objects.get(kind="CYCLE").started_by is None


@pytest.mark.parametrize("headers", KEPT_OUT, ids=range(len(KEPT_OUT)))
@override_settings(CRON_SECRET=SECRET)
def test_without_the_cron_secret_nothing_happens(headers: dict[str, str]) -> None:
    factories.ticket("PENDING")
    response = ApiClient().post("/automation/nightly", headers=sent(headers))
    assert_error(response, 401, "invalid_cron_secret", "Invalid cron secret")
    assert not Run.objects.exists()


@override_settings(CRON_SECRET=SECRET)
def test_a_managers_token_is_no_cron_secret() -> None:
    response = ApiClient(factories.manager()).post("/automation/nightly")
    assert_error(response, 401, "invalid_cron_secret", "Invalid cron secret")


@pytest.mark.parametrize(
    "headers", [{}, {"x-cron-secret": ""}, {"x-cron-secret": SECRET}, {"Authorization": "Bearer "}]
)
@override_settings(CRON_SECRET="")
def test_without_a_configured_secret_the_endpoint_is_closed(headers: dict[str, str]) -> None:
    response = ApiClient().post("/automation/nightly", headers=sent(headers))
    assert_error(response, 401, "cron_secret_not_configured", "CRON_SECRET not configured")
    assert not Run.objects.exists()


@pytest.mark.parametrize(("body", "content_type"), BODIES)
@override_settings(CRON_SECRET=SECRET)
def test_nightly_ignores_its_body(body: bytes, content_type: str) -> None:
    response = ApiClient().post(
        "/automation/nightly", body, content_type=content_type, headers=sent({"x-cron-secret": SECRET})
    )
    assert_result(response, 0, 0, 0, 0)


# --- import ----------------------------------------------------------------------------------------------------------


def test_an_import_answers_with_its_report() -> None:
    tickets = [factories.ticket("PENDING") for _ in range(3)]
    manager = factories.manager()
    content = (
        f"id,ticket_number,status\n{tickets[0].pk},,OPEN\n{tickets[1].pk},,PENDING\n,nobody,OPEN\n{tickets[2].pk}\n"
    )
    response = upload(ApiClient(manager), "/csv/import", content.encode())
    assert response.status_code == 201
    assert response.json() == {
        "updatedCount": 1,
        "skippedCount": 1,
        "errorsCount": 2,
        "totalRows": 4,
        "errors": [
            {
                "row": 4,
                "ticket": "nobody",
                "code": "unknown_ticket",
                "message": "There is no such ticket, or it was deleted. Check the id or ticket number.",
            },
            {
                "row": 5,
                "ticket": str(tickets[2].pk),
                "code": "unreadable_row",
                "message": "This row has another number of cells (1) than the header (3)."
                " Look for a missing separator or one that needs quotes.",
            },
        ],
    }
    [entry] = imported_entries(tickets[0])
    assert (entry.user_id, entry.reason) == (manager.pk, "csv import")


def test_only_managers_import() -> None:
    ticket = factories.ticket("PENDING")
    content = f"id,status\n{ticket.pk},OPEN\n".encode()
    assert_error(upload(ApiClient(), "/csv/import", content), 401, "unauthorized", "Unauthorized")
    associate = ApiClient(factories.associate())
    assert_error(upload(associate, "/csv/import", content), 403, "forbidden_role", "Forbidden resource")
    assert_error(associate.post("/csv/import", {"a": 1}), 403, "forbidden_role", "Forbidden resource")
    assert_error(ApiClient(factories.manager()).get("/csv/import"), 405, "method_not_allowed")
    assert status_of(ticket) == "PENDING"


PATHS = pytest.mark.parametrize("path", ["/csv/import", "/csv/auto-process"])


@PATHS
@pytest.mark.parametrize(
    "part",
    [
        {},
        {"part_type": "application/vnd.ms-excel"},
        {"part_type": "application/pdf"},
        {"part_type": "text/csv; charset=utf-16"},
        {"part_type": "nonsense"},
        {"disposition": '; filename="data.exe"'},
        {"disposition": '; filename="../../etc/passwd"'},
        {"disposition": '; filename=".."'},
        {"disposition": '; filename="/"'},
        {"disposition": '; filename="\u202e"'},
        {"disposition": "; filename*=UTF-8''%E2%82%AC.csv"},
        {"disposition": f'; filename="{"x" * 300}.csv"'},
        {"body_type": "MULTIPART/Form-Data; Boundary=frontier"},
        {"body_type": 'multipart/form-data;boundary="frontier"; x=y'},
    ],
    ids=range(14),
)
def test_part_type_and_file_name_do_not_matter(path: str, part: dict[str, str]) -> None:
    body, content_type = multipart(b"id,status\nx,OPEN\n", **{k: v for k, v in part.items() if k != "body_type"})
    content_type = part.get("body_type", content_type)
    response = ApiClient(factories.manager()).post(path, body, content_type=content_type)
    assert response.status_code == 201


@PATHS
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"", "multipart/form-data; boundary=x"),
        (b"", "application/json"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b"nothing of the kind", "multipart/form-data; boundary=x"),
        (b"id,status\nx,OPEN\n", "multipart/form-data"),
        multipart(b"id,status\nx,OPEN\n", field="csv"),
        multipart(b"id,status\nx,OPEN\n", field="File"),
        multipart(b"id,status\nx,OPEN\n", disposition=""),
        multipart(b"id,status\nx,OPEN\n", disposition='; filename=""'),
        multipart(b"id,status\nx,OPEN\n", disposition="; filename*=no-such-charset''x"),
        multipart(b"id,status\nx,OPEN\n", part_type="text/csv\r\nContent-Transfer-Encoding: base64"),
        multipart(b""),
    ],
    ids=range(13),
)
def test_without_a_file_an_upload_is_refused(path: str, body: bytes, content_type: str) -> None:
    response = ApiClient(factories.manager()).post(path, body, content_type=content_type)
    refused = assert_error(response, 400, "invalid_csv", "Empty or invalid CSV")
    assert set(refused["fields"]) == {"file"}


@PATHS
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/csv", "application/x-www-form-urlencoded", "application/octet-stream"]
)
def test_only_multipart_is_taken(path: str, content_type: str) -> None:
    response = ApiClient(factories.manager()).post(path, b"id,status\nx,OPEN\n", content_type=content_type)
    assert_error(response, 415, "unsupported_media_type")


@PATHS
@override_settings(CSV_UPLOAD_MAX_MB=1)
def test_an_upload_over_the_limit_is_refused(path: str) -> None:
    entries = HistoryEntry.objects.count()
    response = upload(ApiClient(factories.manager()), path, b"id,status\n" + b"x,OPEN\n" * 200_000)
    assert "1 MB" in assert_error(response, 413, "too_large")["message"]
    assert HistoryEntry.objects.count() == entries
