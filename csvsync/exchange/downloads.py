"""CSV as an answer to a request, the same for pages and REST.

What it is about is an export, the simulation's answer, or a run: its file, the rows of it that were wrong, and the
tickets that did not come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from http import HTTPStatus
from typing import IO, Protocol

from django.db.models import Q
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, User
from accounts.record.downloads import record_download
from config import clock
from config.errors import InvalidInput
from config.requests import is_head
from config.spreadsheet import csv_lines
from csvsync.errors import FileNotKept
from csvsync.exchange.export import export_status
from csvsync.exchange.manual_export import RecordedExport
from csvsync.external.simulation import Simulation
from csvsync.files.dialect import CsvFile
from csvsync.files.writing import file_name, in_blocks
from csvsync.models import RowError, Run
from csvsync.runs import storage
from tickets.models import Ticket

EXPORTED_STATUSES = ("PENDING", "OPEN")
ROWS_AT_ONCE = 1000
ERROR_COLUMNS = ["error_row", "error_code", "error_message"]


def exported_status(query: Mapping[str, str]) -> str:
    """Which tickets to export; PENDING unless said otherwise. Raises InvalidInput."""
    status = query.get("status") or "PENDING"
    if status not in EXPORTED_STATUSES:
        raise InvalidInput({"status": [_("Write PENDING or OPEN.")]})
    return status


def export(request: HttpRequest, status: str, *, user: User) -> HttpResponseBase:
    """The run that the answer names in X-Run-Id tells by its rows and SHA-256 whether all of it has arrived.

    Who asks for the headers alone begins no run: nothing is handed out.
    """
    name = file_name(f"{status.lower()}_tickets", clock.now())
    if is_head(request):
        return StreamingHttpResponse((), headers=_headers(name))  # of no known length, as the export
    record_download(request, user, AuditEntry.Action.EXPORTED, status=status, file=name)
    download = RecordedExport(export_status(status), user=user, name=name)
    answer = attachment(name, download)
    if download.run:  # it began with the first block, which has been read by now
        answer.headers["X-Run-Id"] = str(download.run.pk)
    return answer


def processed(file: IO[bytes], *, status: HTTPStatus = HTTPStatus.OK) -> StreamingHttpResponse:
    """The file with the statuses that the stand-in for the external system gives. Raises InvalidCsv."""
    return attachment(file_name("processed", clock.now()), iter(Simulation(file)), status=status)


def error_report(request: HttpRequest, run: Run, *, user: User) -> StreamingHttpResponse:
    """Each wrong row as it stood in the file, behind what was wrong with it.

    The columns of the file keep their names, so what was corrected can be imported as it is. Where the file is not
    kept any more, the ticket alone stands for the row.
    """
    answer = attachment(f"errors_{run.pk}.csv", in_blocks(csv_lines(_error_rows(run))))
    return _recorded(answer, request, run, user=user, what="errors")


def unreturned_report(request: HttpRequest, run: Run, *, user: User) -> StreamingHttpResponse:
    """The tickets that a cycle or its import exported and that never came back, with what they are now."""
    answer = attachment(f"unreturned_{run.pk}.csv", in_blocks(csv_lines(_unreturned_rows(run))))
    return _recorded(answer, request, run, user=user, what="unreturned")


def file_of(request: HttpRequest, run: Run, *, user: User) -> StreamingHttpResponse:
    """The file of a run, as it was sent.

    Always as an attachment: it is whatever somebody has sent. Raises FileNotKept.
    """
    name = f"{run.kind.lower()}_{run.pk}.csv"
    answer = FileResponse(storage.kept_file(run), as_attachment=True, filename=name, content_type="text/csv")
    return _recorded(answer, request, run, user=user, what="file")


def _recorded(
    answer: StreamingHttpResponse, request: HttpRequest, run: Run, *, user: User, what: str
) -> StreamingHttpResponse:
    """The answer, once it is recorded that this person took it. What failed before that was not handed out."""
    record_download(request, user, AuditEntry.Action.FILE_DOWNLOADED, run=str(run.pk), what=what)
    return answer


class Blocks(Iterator[bytes], Protocol):
    """The content of a download in pieces; whoever stops reading closes it."""

    def close(self) -> None: ...


class _Begun(Iterator[bytes]):
    """Blocks of which the first has been read already."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.first = [next(blocks)]

    def __next__(self) -> bytes:
        return self.first.pop() if self.first else next(self.blocks)

    def close(self) -> None:
        self.blocks.close()


def attachment(name: str, blocks: Blocks, *, status: HTTPStatus = HTTPStatus.OK) -> StreamingHttpResponse:
    """A CSV download. Its first block is read here, so that what fails at the start is answered as an error."""
    return StreamingHttpResponse(
        _Begun(blocks),
        status=status,
        headers=_headers(name),
    )


def _headers(name: str) -> dict[str, str]:
    return {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'}


def _error_rows(run: Run) -> Iterator[list[str]]:
    errors = _errors(run)
    try:
        file = storage.kept_file(run)
    except FileNotKept:
        yield [*ERROR_COLUMNS, "ticket"]
        for error in errors:
            yield [str(error.row), error.verdict, error.message, error.ticket or ""]
        return
    with closing(file):
        csv_file = CsvFile(file)
        yield [*ERROR_COLUMNS, *csv_file.header.names]
        rows = csv_file.rows(whole=True)
        for error in errors:
            cells = next((row.cells for row in rows if row.line == error.row), [])
            yield [str(error.row), error.verdict, error.message, *cells]


def _errors(run: Run) -> Iterator[RowError]:
    """In order, some at a time. One cursor for all would be simpler, but it would end with the transaction that a
    pooler gives its connection for, and the download goes on for as long as the client reads.
    """
    last = 0
    while batch := list(RowError.objects.errors().filter(run=run, row__gt=last).in_order()[:ROWS_AT_ONCE]):
        yield from batch
        last = batch[-1].row


def _unreturned_rows(run: Run) -> Iterator[list[str]]:
    yield ["id", "ticket_number", "status", "title"]
    cycle = run.pk if run.kind == Run.Kind.CYCLE else run.cycle_id
    tickets = Ticket.objects.filter(pk__in=Run.objects.filter(cycle=cycle).values("unreturned__ticket")).oldest_first()
    year, sequence = 0, 0
    while batch := list(tickets.filter(Q(year=year, sequence__gt=sequence) | Q(year__gt=year))[:ROWS_AT_ONCE]):
        yield from ([str(ticket.pk), ticket.ticket_number, ticket.status, ticket.title] for ticket in batch)
        year, sequence = batch[-1].year, batch[-1].sequence
