"""Files for tests, written by hand rather than by the code under test."""

from __future__ import annotations

import csv
import io
from typing import IO, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from csvsync.imports.importer import ImportReport
from tests.support.client import ApiClient
from tests.support.pages import Desk
from tickets.models import HistoryEntry, Ticket


def csv_file(*lines: str, header: str = "id,ticket_number,status") -> IO[bytes]:
    return io.BytesIO("\n".join([header, *lines, ""]).encode())


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Updated, skipped, errors, total."""
    return (report.updated, report.skipped, report.errors_count, report.total)


def codes(report: ImportReport) -> list[tuple[int, str]]:
    return [(error.row, error.verdict.value) for error in report.errors]


def status_of(ticket: Ticket) -> str:
    return Ticket.objects.values_list("status", flat=True).get(pk=ticket.pk)


def everything() -> Any:
    """All columns of all tickets and of their history."""
    return list(Ticket.objects.order_by("pk").values()), list(HistoryEntry.objects.order_by("pk").values())


def imported_entries(ticket: Ticket) -> list[HistoryEntry]:
    return list(HistoryEntry.objects.filter(ticket=ticket, action="imported").order_by("version"))


def multipart(
    content: bytes, *, field: str = "file", disposition: str = '; filename="tickets.csv"', part_type: str = "text/csv"
) -> tuple[bytes, str]:
    """A body with one part, and its content type."""
    head = f'Content-Disposition: form-data; name="{field}"{disposition}\r\nContent-Type: {part_type}\r\n\r\n'
    body = b"--frontier\r\n" + head.encode() + content + b"\r\n--frontier--\r\n"
    return body, "multipart/form-data; boundary=frontier"


def upload(client: ApiClient, path: str, content: bytes, **part: str) -> Any:
    body, content_type = multipart(content, **part)
    return client.post(path, body, content_type=content_type)


def break_history() -> None:
    """Let the database refuse any new entry of history, until the transaction is rolled back."""
    statement = {
        "sqlite": "CREATE TRIGGER broken BEFORE INSERT ON tickets_historyentry"
        " BEGIN SELECT RAISE(ABORT, 'broken'); END",
        "postgresql": "SET CONSTRAINTS ALL IMMEDIATE;"
        " ALTER TABLE tickets_historyentry ADD CONSTRAINT broken CHECK (false) NOT VALID",
    }
    with connection.cursor() as cursor:
        cursor.execute(statement[connection.vendor])


def upload_by_page(desk: Desk, content: str | bytes, *, name: str = "answer.csv", to: str = "upload") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return desk.post(f"/desk/exchange/{to}/", {"file": SimpleUploadedFile(name, data, "text/csv")})


def count_rows(text: str) -> int:
    """How many a file has, without its header."""
    return len(list(csv.reader(io.StringIO(text)))) - 1
