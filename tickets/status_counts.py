"""How many live tickets stand in each status, as the database keeps it: the sums of migration 0009."""

from __future__ import annotations

from django.db import connection

from tickets.workflow import Status


def by_status() -> dict[str, int]:
    """Exact as of this transaction, and as quick with a million tickets as with ten."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, SUM(tickets) FROM tickets_total GROUP BY status")
        return dict.fromkeys(Status.values, 0) | {status: int(tickets) for status, tickets in cursor.fetchall()}
