"""Many tickets in little time: those that are there, again and again, by SQL."""

from __future__ import annotations

from django.db import connection

from tickets.models import HistoryEntry, Ticket, TicketSequence

NEW_ID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
NUMBER = {
    "postgresql": "'TKT-' || year || '-' || lpad(CAST({} AS text), 6, '0')",
    "sqlite": "'TKT-' || year || '-' || printf('%%06d', {})",
}


def double_tickets(times: int) -> None:
    """Double the tickets and their history so many times. What they are copied from stays as it is."""
    for _ in range(times):
        _double()


def _double() -> None:
    step = max(TicketSequence.objects.values_list("last_sequence", flat=True))
    changed = {
        "id": NEW_ID[connection.vendor],
        "sequence": f"sequence + {step}",
        "ticket_number": NUMBER[connection.vendor].format(f"(sequence + {step})"),
    }
    _copy(Ticket._meta.db_table, [str(field.column) for field in Ticket._meta.local_fields], changed, "")
    copies = "JOIN tickets_ticket copied ON copied.id = source.ticket_id JOIN tickets_ticket made ON made.year ="
    copies += f" copied.year AND made.sequence = copied.sequence + {step}"
    entries = [str(field.column) for field in HistoryEntry._meta.local_fields]
    _copy(HistoryEntry._meta.db_table, entries, {"id": NEW_ID[connection.vendor], "ticket_id": "made.id"}, copies)
    TicketSequence.objects.update(last_sequence=2 * step)


def _copy(table: str, columns: list[str], changed: dict[str, str], joins: str) -> None:
    values = [changed.get(column, f"source.{column}") for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} source {joins}", []
        )
