"""The tickets that the external system is sent, as CSV."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime
from itertools import batched, chain
from typing import Any

from django.db import connection
from django.db.models import CharField, Func

from config.times import iso
from csvsync.files.writing import csv_line, in_blocks
from tickets.models import Ticket, TicketQuerySet

COLUMNS = ("id", "ticket_number", "status", "severity", "title", "due_date")
ROWS_AT_ONCE = 500


class IsoTime(Func):
    """A time as text on PostgreSQL, as config.times.iso writes it."""

    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
    output_field = CharField()


class Export:
    """The export of some tickets, to be iterated once; `rows` is how many tickets it held, known at its end.

    Streams: neither side holds more than some rows at a time. On PostgreSQL the database itself writes the lines.
    """

    def __init__(self, tickets: TicketQuerySet) -> None:
        self.tickets = tickets
        self.rows = 0

    def __iter__(self) -> Generator[bytes]:
        lines = self._copied() if connection.vendor == "postgresql" else self._written()
        return in_blocks(chain([csv_line(COLUMNS).encode()], lines))

    def _copied(self) -> Iterator[bytes]:
        tickets = self.tickets.values_list(*COLUMNS[:-1], IsoTime(COLUMNS[-1]))
        query, parameters = tickets.query.sql_with_params()
        with connection.wrap_database_errors, connection.cursor() as cursor:
            select = cursor.mogrify(query, parameters)
            with cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as copy:
                for lines in batched(copy, ROWS_AT_ONCE):  # a line at a time would cost more than the database's work
                    self.rows += len(lines)
                    yield b"".join(lines)

    def _written(self) -> Iterator[bytes]:
        for row in self.tickets.values_list(*COLUMNS).iterator(chunk_size=ROWS_AT_ONCE):
            self.rows += 1
            yield csv_line([_text(value) for value in row]).encode()


def export_pending() -> Export:
    """What the external system is sent: PENDING tickets that are not deleted, oldest first."""
    return Export(Ticket.objects.pending().oldest_first())


def export_status(status: str) -> Export:
    """Tickets of this status that are not deleted, oldest first."""
    return Export(Ticket.objects.live().filter(status=status).oldest_first())


def _text(value: Any) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)
