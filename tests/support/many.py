"""Many tickets in little time: those that are there, again and again, by SQL.

This goes past tickets/backfill on purpose. That builds and judges each ticket in Python, which takes some seconds for
20 000 of them, where the database copies as many within one. What is copied was written by the actions or by
tickets/backfill, so the copies are as good. A test that needs histories which differ uses tickets/backfill.
"""

from __future__ import annotations

from django.db import connection, models

from config.database.statistics import analyze
from tickets.models import HistoryEntry, Ticket, TicketSequence

NUMBER = {
    "postgresql": "'TKT-' || year || '-' || lpad(CAST({} AS text), 6, '0')",
    "sqlite": "'TKT-' || year || '-' || printf('%%06d', {})",
}


def double_tickets(times: int) -> None:
    """Double the tickets and their history so many times. What they are copied from stays as it is.

    The copies have other ids, so their entries have no hashes; `complete` of tickets/audit/completing.py makes them.
    """
    for _ in range(times):
        copy_all()
    analyze(Ticket, HistoryEntry)


def copy_all() -> None:
    """Once, and the database is not told how much there is now.

    A copy's id follows from that of its original, so its history finds it without a look at any other table.

    A join would: of tables that grow as quickly as these the database knows nothing, and no plan of its can be
    relied on.
    """
    step = max(TicketSequence.objects.values_list("last_sequence", flat=True))
    changed = {
        "id": _copy_of("id", step),
        "sequence": f"sequence + {step}",
        "ticket_number": NUMBER[connection.vendor].format(f"(sequence + {step})"),
    }
    _copy(Ticket, changed)
    unhashed = dict.fromkeys(("salt", "texts_hash", "hash"), "NULL")
    _copy(HistoryEntry, {"id": _copy_of("id", step), "ticket_id": _copy_of("ticket_id", step), **unhashed})
    TicketSequence.objects.update(last_sequence=2 * step)


def _copy_of(column: str, step: int) -> str:
    """SQL for an id that only this copy of this row has."""
    if connection.vendor == "sqlite":
        return f"md5({column} || '{step}')"
    return f"CAST(md5(CAST({column} AS text) || '{step}') AS uuid)"


def _copy(model: type[models.Model], changed: dict[str, str]) -> None:
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.local_fields]
    values = [changed.get(column, column) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}", [])
