"""The ledger of exchanges over REST, and imports that are first tried in a dry run."""

from __future__ import annotations

import csv
import gc
import io
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.test import RequestFactory, override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from config import settings
from csvsync.exchange import downloads
from csvsync.exchange.cycle import run_cycle
from csvsync.models import RowError, Run
from csvsync.runs import retention
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import everything, imported_entries, status_of, upload
from tests.support.pages import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> ApiClient:
    return ApiClient(factories.manager(email="mia@example.com"))


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def people_rows(response: Any) -> list[list[str]]:
    """The rows of a CSV that is made for people."""
    content = body_of(response)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- What is recorded ------------------------------------------------------------------------------------------------


def test_an_import_is_recorded_with_its_file(manager: ApiClient) -> None:
    ticket = factories.ticket("PENDING")
    content = f"id,status\n{ticket.pk},OPEN\nx,OPEN\n".encode()
    response = upload(manager, "/csv/import", content, disposition='; filename="from Bob.csv"')
    [run] = manager.get("/csv/runs").json()["items"]
    assert response["Location"] == f"/csv/runs/{run['id']}"
    times = [run.pop("startedAt"), run.pop("finishedAt")]
    assert times == sorted(times)
    assert run == {
        "id": run["id"],
        "kind": "IMPORT",
        "who": "mia@example.com",
        "state": "SUCCEEDED",
        "phase": "",
        "fileName": "from Bob.csv",
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
        "counts": {"updated": 1, "skipped": 0, "errors": 1, "total": 2},
        "cycle": None,
        "dryRun": False,
        "error": "",
    }
    kept = manager.get(f"/csv/runs/{run['id']}/file")
    assert kept["Content-Disposition"] == f'attachment; filename="import_{run["id"]}.csv"'
    assert body_of(kept) == content


def test_a_file_that_is_refused_is_recorded_as_a_failed_run(manager: ApiClient) -> None:
    refused = upload(manager, "/csv/import", b"id,status\n\0\n")
    assert_error(refused, 400, "invalid_csv", "Empty or invalid CSV")
    [run] = manager.get("/csv/runs").json()["items"]
    assert (run["state"], run["counts"], run["size"]) == ("FAILED", {}, 12)
    assert run["error"].startswith("Empty or invalid CSV. ")
    assert body_of(manager.get(f"/csv/runs/{run['id']}/file")) == b"id,status\n\0\n"


def test_an_export_is_recorded(manager: ApiClient) -> None:
    factories.ticket("PENDING")
    response = manager.get("/csv/export/pending")
    content = body_of(response)
    [run] = manager.get("/csv/runs").json()["items"]
    assert (run["kind"], run["state"], run["counts"]) == ("EXPORT", "SUCCEEDED", {"rows": 1})
    assert (run["size"], run["sha256"]) == (len(content), sha256(content).hexdigest())
    assert run["fileName"] in response["Content-Disposition"]


@pytest.mark.parametrize("path", ["/csv/export/pending", "/csv/export?status=OPEN", "/desk/exchange/export/"])
def test_an_export_names_its_run_by_which_it_can_be_checked(manager: ApiClient, path: str) -> None:
    for status in ("PENDING", "OPEN", "PENDING"):
        factories.ticket(status)
    response = Desk(factories.manager()).get(path) if path.startswith("/desk/") else manager.get(path)
    run = manager.get(f"/csv/runs/{response['X-Run-Id']}").json()
    assert (run["kind"], run["state"]) == ("EXPORT", "RUNNING")
    content = body_of(response)
    run = manager.get(f"/csv/runs/{response['X-Run-Id']}").json()
    rows = content.count(b"\n") - 1
    assert (run["state"], run["counts"], run["sha256"]) == ("SUCCEEDED", {"rows": rows}, sha256(content).hexdigest())


def test_of_a_file_that_is_wrong_all_over_so_much_is_kept_and_the_rest_is_counted(manager: ApiClient) -> None:
    good = factories.ticket("PENDING")
    content = b"ticket_number,status\n" + b"x\n" * 10_500 + f"{good.ticket_number},OPEN\n".encode() + b"y\n" * 500
    for path, kept in (("/csv/import?dryRun=true", 10_001), ("/csv/import", 10_000)):
        response = upload(manager, path, content)
        report = response.json()
        assert (report["updatedCount"], report["errorsCount"], report["totalRows"]) == (1, 11_000, 11_001)
        run = Run.objects.get(pk=response["Location"].rpartition("/")[2])
        rows = RowError.objects.filter(run=run)
        assert rows.count() == kept
        assert rows.errors().order_by("-row").values_list("row", flat=True)[0] == 10_001
        assert run.counts["errors"] == 11_000


@pytest.mark.django_db(transaction=True)  # the end of an answer closes the connection
def test_a_download_that_is_broken_off_has_failed(manager: ApiClient) -> None:
    response = manager.get("/csv/export/pending")
    next(response.streaming_content)
    response.close()
    [run] = manager.get("/csv/runs").json()["items"]
    assert (run["state"], run["sha256"]) == ("FAILED", "")


def test_a_forgotten_download_asks_the_database_nothing_when_it_is_collected(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """It may be collected in the middle of another statement on the same connection, which would never end."""
    answer = downloads.export(RequestFactory().get("/"), "PENDING", user=factories.manager())
    with django_assert_num_queries(0):
        del answer
        gc.collect()
    assert Run.objects.get().state == "RUNNING"


def test_a_cycle_is_recorded_with_its_parts(manager: ApiClient) -> None:
    for _ in range(4):
        factories.ticket("PENDING")
    manager.post("/automation/run-now")
    [cycle] = [run for run in manager.get("/csv/runs").json()["items"] if run["kind"] == "CYCLE"]
    assert cycle["counts"] == {
        "exported": 4,
        "distribution": {"PENDING": 1, "OPEN": 1, "CLOSED": 2},
        "updated": 3,
        "skipped": 1,
        "errors": 0,
        "total": 4,
        "unreturned": 0,
    }
    parts = manager.get(f"/csv/runs/{cycle['id']}").json()["parts"]
    assert {(p["kind"], p["state"], p["cycle"], p["who"]) for p in parts} == {
        ("EXPORT", "SUCCEEDED", cycle["id"], "mia@example.com"),
        ("PROCESS", "SUCCEEDED", cycle["id"], "mia@example.com"),
        ("IMPORT", "SUCCEEDED", cycle["id"], "mia@example.com"),
    }
    assert all(len(part["sha256"]) == 64 for part in parts)


def test_runs_come_in_pages_newest_first(manager: ApiClient) -> None:
    for _ in range(3):
        upload(manager, "/csv/import", b"id,status\nx,OPEN\n")
    newest = [str(pk) for pk in Run.objects.order_by("-started_at", "-id").values_list("pk", flat=True)]
    page = manager.get("/csv/runs?page=2&pageSize=2").json()
    assert [run["id"] for run in page.pop("items")] == newest[2:]
    assert page == {"total": 3, "page": 2, "pageSize": 2}
    assert_error(manager.get("/csv/runs?page=0"), 400, "invalid_input")


@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/errors", "/{id}/unreturned", "/{id}/file", "/{id}/apply"])
def test_the_ledger_is_for_managers(manager: ApiClient, path: str) -> None:
    upload(manager, "/csv/import", b"id,status\nx,OPEN\n")
    address = f"/csv/runs{path}".format(id=Run.objects.get().pk)
    method = "POST" if path.endswith("apply") else "GET"
    assert_error(ApiClient().send(method, address), 401, "unauthorized")
    assert_error(ApiClient(factories.associate()).send(method, address), 403, "forbidden_role")
    if path:
        for unknown in (uuid4(), "x"):
            missing = manager.send(method, f"/csv/runs{path}".format(id=unknown))
            assert_error(missing, 404, "run_not_found")


# --- What was wrong --------------------------------------------------------------------------------------------------


def test_errors_come_as_csv_with_their_lines(manager: ApiClient) -> None:
    ticket = factories.ticket("DRAFT")
    lines = ["id;status;note", "x;OPEN;=1+1", f"{ticket.pk};OPEN;two\nlines", "y;DONE", f"{ticket.pk};;@x"]
    quoted = "\n".join(lines).replace("two\nlines", '"two\nlines"')
    response = upload(manager, "/csv/import", quoted.encode())
    report = people_rows(manager.get(response["Location"] + "/errors"))
    said = {error["row"]: error for error in response.json()["errors"]}
    assert report == [
        ["error_row", "error_code", "error_message", "id", "status", "note"],
        ["2", "unknown_ticket", said[2]["message"], "x", "OPEN", "'=1+1"],
        ["3", "illegal_move", said[3]["message"], str(ticket.pk), "OPEN", "two\nlines"],
        ["5", "unreadable_row", said[5]["message"], "y", "DONE"],
        ["6", "unknown_status", said[6]["message"], str(ticket.pk), "", "'@x"],
    ]


def test_the_error_report_has_rows_whole_however_long_they_are(manager: ApiClient) -> None:
    note = "x" * 100_000
    content = f'id,status,note\nx,OPEN,{note}\ny,"OPEN"ED,"{note}\n{note}"\n'
    response = upload(manager, "/csv/import", content.encode())
    report = body_of(manager.get(response["Location"] + "/errors")).decode()
    assert f"x,OPEN,{note}\r\n" in report
    assert f'y,OPENED,"{note}\n{note}"\r\n' in report


def test_all_errors_are_kept_beyond_the_first_hundred(manager: ApiClient) -> None:
    content = "id,status\n" + "".join(f"x{n},OPEN\n" for n in range(2500))
    response = upload(manager, "/csv/import", content.encode())
    assert len(response.json()["errors"]) == 100
    report = people_rows(manager.get(response["Location"] + "/errors"))
    assert [(row[0], row[3]) for row in report[1:]] == [(str(n + 2), f"x{n}") for n in range(2500)]


def test_a_corrected_error_report_can_be_imported(manager: ApiClient) -> None:
    ticket = factories.ticket("PENDING")
    response = upload(manager, "/csv/import", f"id,status\n{ticket.pk},DONE\n".encode())
    report = body_of(manager.get(response["Location"] + "/errors"))
    again = upload(manager, "/csv/import", report.replace(b",DONE", b",CLOSED"))
    assert again.json()["updatedCount"] == 1
    assert status_of(ticket) == "CLOSED"


def test_without_the_file_errors_still_name_their_tickets(manager: ApiClient) -> None:
    response = upload(manager, "/csv/import", b"id,status\n=x,OPEN\n")
    storages["csv"].delete(Run.objects.get().kept_as)
    report = people_rows(manager.get(response["Location"] + "/errors"))
    assert [row[-1] for row in report] == ["ticket", "'=x"]
    assert_error(manager.get(response["Location"] + "/file"), 404, "file_not_kept")


def test_a_run_without_errors_has_an_empty_report(manager: ApiClient) -> None:
    run_cycle(None)
    [cycle] = Run.objects.filter(kind="CYCLE")
    assert len(people_rows(manager.get(f"/csv/runs/{cycle.pk}/errors"))) == 1
    assert len(people_rows(manager.get(f"/csv/runs/{cycle.pk}/unreturned"))) == 1


# --- Dry runs --------------------------------------------------------------------------------------------------------


def test_a_dry_run_reports_what_the_import_then_does(manager: ApiClient) -> None:
    tickets = [factories.ticket(status) for status in ("PENDING", "OPEN", "CLOSED", "DRAFT")]
    content = ("id,status\n" + "".join(f"{ticket.pk},CLOSED\n" for ticket in tickets) + "x\n").encode()
    before = everything()
    dry = upload(manager, "/csv/import?dryRun=true", content)
    assert dry.status_code == 201
    assert everything() == before
    assert manager.get(dry["Location"]).json()["dryRun"] is True
    real = upload(manager, "/csv/import?dryRun=false", content)
    assert real.json() == dry.json()
    assert real.json()["updatedCount"] == 2


@pytest.mark.parametrize("value", ["1", "yes", "maybe", "true,false", "%20"])
def test_an_unclear_dry_run_is_refused_before_anything_happens(manager: ApiClient, value: str) -> None:
    ticket = factories.ticket("PENDING")
    response = upload(manager, f"/csv/import?dryRun={value}", f"id,status\n{ticket.pk},OPEN\n".encode())
    assert set(assert_error(response, 400, "invalid_input")["fields"]) == {"dryRun"}
    assert status_of(ticket) == "PENDING"
    assert not Run.objects.exists()


def test_applying_a_dry_run_judges_again_and_tells_what_changed(manager: ApiClient) -> None:
    tickets = [factories.ticket("PENDING") for _ in range(3)]
    content = ("id,status\n" + "".join(f"{ticket.pk},OPEN\n" for ticket in tickets) + "x,OPEN\n").encode()
    dry = upload(manager, "/csv/import?dryRun=true", content)
    factories.import_status(tickets[0], "OPEN")
    factories.import_status(tickets[1], "CLOSED")
    applied = manager.post(dry["Location"] + "/apply")
    assert applied.status_code == 201
    report = applied.json()
    errors = report.pop("errors")
    assert [(error["row"], error["code"]) for error in errors] == [(3, "illegal_move"), (5, "unknown_ticket")]
    assert report == {
        "updatedCount": 1,
        "skippedCount": 1,
        "errorsCount": 2,
        "totalRows": 4,
        "changedCount": 2,
        "changes": [
            {"row": 2, "ticket": str(tickets[0].pk), "before": "updated", "now": "skipped"},
            {"row": 3, "ticket": str(tickets[1].pk), "before": "updated", "now": "illegal_move"},
        ],
    }
    assert [status_of(ticket) for ticket in tickets] == ["OPEN", "CLOSED", "OPEN"]
    assert imported_entries(tickets[2])[0].user is not None
    again = manager.post(dry["Location"] + "/apply").json()
    assert (again["updatedCount"], again["changedCount"]) == (0, 3)


def test_only_dry_runs_are_applied(manager: ApiClient) -> None:
    done = upload(manager, "/csv/import", b"id,status\nx,OPEN\n")
    assert_error(manager.post(done["Location"] + "/apply"), 400, "not_a_rehearsal")
    assert upload(manager, "/csv/import?dryRun=true", b"nothing").status_code == 400
    [failed] = Run.objects.filter(dry_run=True)
    assert_error(manager.post(f"/csv/runs/{failed.pk}/apply"), 400, "not_a_rehearsal")


# --- Files -----------------------------------------------------------------------------------------------------------


def test_old_files_and_rows_go_but_their_runs_stay(manager: ApiClient) -> None:
    for path in ("/csv/import", "/csv/import", "/csv/import?dryRun=true"):
        upload(manager, path, b"id,status\nx,OPEN\n")
    old, young, dry_run = Run.objects.order_by("started_at", "dry_run")
    now = timezone.now()
    for run, age in ((old, 91), (young, 89), (dry_run, 2)):
        Run.objects.filter(pk=run.pk).update(started_at=now - timedelta(days=age))
    assert retention.remove_old_files() == 2
    assert list(RowError.objects.values_list("run", flat=True)) == [young.pk]
    assert [run for run in (old, young, dry_run) if storages["csv"].exists(run.kept_as)] == [young]
    assert_error(manager.get(f"/csv/runs/{old.pk}/file"), 404, "file_not_kept")
    assert_error(manager.post(f"/csv/runs/{dry_run.pk}/apply"), 404, "file_not_kept")
    assert retention.remove_old_files() == 0


def test_files_can_be_kept_in_any_storage(manager: ApiClient) -> None:
    memory = {"csv": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    with override_settings(STORAGES={**settings.STORAGES, **memory}):
        response = upload(manager, "/csv/import", b"id,status\nx,OPEN\n")
        assert body_of(manager.get(response["Location"] + "/file")) == b"id,status\nx,OPEN\n"


def test_where_files_cannot_be_kept_nothing_changes(manager: ApiClient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ticket = factories.ticket("PENDING")
    full = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "file" / "folder"},
    }
    with override_settings(STORAGES={**settings.STORAGES, "csv": full}):
        response = upload(manager, "/csv/import", f"id,status\n{ticket.pk},OPEN\n".encode())
        assert_error(response, 503, "storage_unavailable")
        assert response["Retry-After"] == "5"
        assert_error(manager.post("/automation/run-now"), 503, "storage_unavailable")
    assert status_of(ticket) == "PENDING"
    assert set(Run.objects.values_list("state", flat=True)) == {"FAILED"}


# --- Export by status ------------------------------------------------------------------------------------------------


def test_open_tickets_can_be_exported_too(manager: ApiClient) -> None:
    opened, pending = factories.ticket("OPEN"), factories.ticket("PENDING")
    response = manager.get("/csv/export?status=OPEN")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="open_tickets_')
    header, row = body_of(response).decode().splitlines()
    assert header == "id,ticket_number,status,severity,title,due_date"
    assert row.startswith(f"{opened.pk},{opened.ticket_number},OPEN,")
    for address in ("/csv/export?status=PENDING", "/csv/export?status=", "/csv/export"):
        assert str(pending.pk) in body_of(manager.get(address)).decode()
    for wrong in ("CLOSED", "DRAFT", "open", "x"):
        assert_error(manager.get(f"/csv/export?status={wrong}"), 400, "invalid_input")
    assert_error(ApiClient(factories.associate()).get("/csv/export?status=OPEN"), 403, "forbidden_role")
