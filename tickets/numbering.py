"""Ticket numbers: unique, without gaps, rising in creation order within a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tickets.models import TicketSequence


@dataclass(frozen=True, slots=True)
class TicketNumber:
    """A number and the moment of its year, both read under the lock of the year's sequence."""

    year: int
    sequence: int
    created_at: datetime

    def __str__(self) -> str:
        return f"TKT-{self.year}-{self.sequence:06d}"


class _YearHasTurned(Exception):
    """Midnight of New Year passed while the lock of the old year was being waited for."""


def now() -> datetime:
    """The present in UTC, cut to the milliseconds that clients see."""
    moment = timezone.now().astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def take_number() -> TicketNumber:
    """The next number of the present year. Call inside the transaction that creates the ticket.

    Incrementing the year's row locks it until that transaction ends, so creations of a year follow one another, and
    one that fails gives its number back. A year's first creation makes its row.
    """
    while True:
        year = now().year
        try:
            with transaction.atomic():
                sequence = _increment(year)
                created_at = now()
                if created_at.year != year:
                    raise _YearHasTurned
                return TicketNumber(year, sequence, created_at)
        except _YearHasTurned:
            continue


def _increment(year: int) -> int:
    row = TicketSequence.objects.filter(year=year)
    if not row.update(last_sequence=F("last_sequence") + 1):
        TicketSequence.objects.bulk_create([TicketSequence(year=year)], ignore_conflicts=True)
        row.update(last_sequence=F("last_sequence") + 1)
    return row.values_list("last_sequence", flat=True).get()
