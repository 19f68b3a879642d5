"""CSV for people about runs: the rows that were wrong, and the tickets that did not come back."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing

from django.db.models import Q

from config.spreadsheet import csv_lines
from csvsync.errors import FileNotKept
from csvsync.files.dialect import CsvFile
from csvsync.files.writing import in_blocks
from csvsync.models import RowError, Run
from csvsync.runs import storage
from tickets.models import Ticket

ROWS_AT_ONCE = 1000
ERROR_COLUMNS = ["error_row", "error_code", "error_message"]


def error_report(run: Run) -> Generator[bytes]:
    """Each wrong row as it stood in the file, behind what was wrong with it.

    The columns of the file keep their names, so what was corrected can be imported as it is. Where the file is not
    kept any more, the ticket alone stands for the row.
    """
    return in_blocks(csv_lines(_error_rows(run)))


def unreturned_report(run: Run) -> Generator[bytes]:
    """The tickets that a cycle or its import exported and that never came back, with what they are now."""
    return in_blocks(csv_lines(_unreturned_rows(run)))


def _error_rows(run: Run) -> Iterator[list[str]]:
    errors = _errors(run)
    try:
        file = storage.kept_file(run)
    except FileNotKept:
        yield [*ERROR_COLUMNS, "ticket"]
        for error in errors:
            yield [*_said(error), error.ticket or ""]
        return
    with closing(file):
        csv_file = CsvFile(file)
        yield [*ERROR_COLUMNS, *csv_file.header.names]
        rows = csv_file.rows(whole=True)
        for error in errors:
            cells = next((row.cells for row in rows if row.line == error.row), [])
            yield [*_said(error), *cells]


def _said(error: RowError) -> list[str]:
    return [str(error.row), error.verdict, error.message]


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
