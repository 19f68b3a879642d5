"""A file by page and by API: the same verdicts, the same changes, the same history, the same refusal."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from csvsync.models import RowError, Run
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.csv_files import upload, upload_by_page
from tests.support.pages import Desk, html
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

# The file, with {pending}, {open}, {closed} for ids; its rows by verdict, or the code of the refusal.
CASES: dict[str, tuple[str | bytes, dict[str, int] | str]] = {
    "good rows": ("id,status\n{pending},OPEN\n{open},CLOSED\n", {"updated": 2}),
    "every kind of row": (
        "id,ticket_number,status\n{pending},,OPEN\n{open},,OPEN\n{closed},,OPEN\nx,,OPEN\n{open},,DONE\n,,OPEN\n",
        {"updated": 1, "skipped": 1, "illegal_move": 1, "unknown_ticket": 1, "unknown_status": 1, "unreadable_row": 1},
    ),
    "contradiction": ("id,status\n{pending},OPEN\n{pending},CLOSED\n", {"contradictory_rows": 2}),
    "same row twice": ("id;status\n{pending};OPEN\n{pending};OPEN\n", {"updated": 1, "skipped": 1}),
    "mismatch": ("id,ticket_number,status\n{pending},TKT-2020-000001,OPEN\n", {"ticket_mismatch": 1}),
    "empty": (b"", "invalid_csv"),
    "no rows": ("id,status\n", "invalid_csv"),
    "no status": ("id,state\n{pending},OPEN\n", "invalid_csv"),
    "open quote": ('id,status\n{pending},"OPEN\n', "invalid_csv"),
    "a NUL": (b"id,status\n\0,OPEN\n", "invalid_csv"),
    "no CSV at all": (b"PK\x03\x04\x14\0\x06\0", "invalid_csv"),
}


def world(boss: User) -> dict[str, Any]:
    author, reviewer = factories.associate(), factories.manager()
    return {
        status.lower(): factories.ticket(status, author=author, reviewer=reviewer).pk
        for status in ("PENDING", "OPEN", "CLOSED")
    }


def effects(ids: dict[str, Any]) -> tuple[Any, ...]:
    """What became of these tickets, in words that do not depend on when."""
    names = {pk: name for name, pk in ids.items()}
    tickets = {names[pk]: (status, version) for pk, status, version in
               Ticket.objects.filter(pk__in=names).values_list("pk", "status", "version")}  # fmt: skip
    entries = HistoryEntry.objects.filter(ticket__in=names, action="imported").order_by("ticket", "version")
    history = sorted(
        (names[entry.ticket_id], str(entry.from_status), entry.to_status, entry.user_id) for entry in entries
    )
    return tickets, history


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_judged_and_applied_alike(case: str) -> None:
    content, expected = CASES[case]
    boss = factories.manager()
    results = []
    for way in (by_api, by_page):
        with transaction.atomic():
            ids = world(boss)
            data = content if isinstance(content, bytes) else content.format(**ids).encode()
            results.append((way(boss, data), effects(ids)))
    [(api, api_effects), (page, page_effects)] = results
    assert api == page
    assert api_effects == page_effects
    if isinstance(expected, str):
        assert page == (400, expected)
    else:
        judged = {"updated": 0, "skipped": 0, **expected}
        assert page == (judged, judged)


def by_api(boss: User, content: bytes) -> Any:
    client = ApiClient(boss)
    answer = upload(client, "/csv/import?dryRun=true", content)
    if answer.status_code != 201:
        return answer.status_code, answer.json()["code"]
    applied = client.post(f"{answer['Location']}/apply")
    return tuple(counted(each["Location"].rpartition("/")[2], each.json()) for each in (answer, applied))


def counted(run: str, report: dict[str, Any]) -> dict[str, int]:
    counts = {"updated": report["updatedCount"], "skipped": report["skippedCount"]}
    for error in report["errors"]:
        counts[error["code"]] = counts.get(error["code"], 0) + 1
    assert sum(counts.values()) == report["totalRows"]
    assert Run.objects.filter(pk=run).exists()
    return counts


def by_page(boss: User, content: bytes) -> Any:
    desk = Desk(boss)
    answer = upload_by_page(desk, content)
    if answer.status_code != 302:
        page = html(answer)
        return answer.status_code, page.partition('data-refusal="')[2].partition('"')[0]
    applied = desk.post(f"{answer.headers['Location']}apply/")
    return tuple(shown(each.headers["Location"]) for each in (answer, applied))


def shown(address: str) -> dict[str, int]:
    """What the run of this page has counted."""
    run = Run.objects.get(pk=address.strip("/").rpartition("/")[2])
    counts = {"updated": run.counts["updated"], "skipped": run.counts["skipped"]}
    for verdict in RowError.objects.errors().filter(run=run).values_list("verdict", flat=True):
        counts[verdict] = counts.get(verdict, 0) + 1
    return counts
