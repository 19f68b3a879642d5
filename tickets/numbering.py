"""Ticket numbers: unique, without gaps, rising in creation order within a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config import clock
from tickets.models import TicketSequence
from tickets.texts.numbers import number


@dataclass(frozen=True, slots=True)
class TicketNumber:
    """A number and the moment of its year, both read under the lock of the year's sequence."""

    year: int
    sequence: int
    created_at: datetime

    def __str__(self) -> str:
        return number(self.year, self.sequence)


class _YearHasTurned(Exception):
    """It is another year by the database's clock once the lock of the year is held: New Year's midnight has passed
    meanwhile, or this machine's clock is not right. `year` is that one."""

    def __init__(self, year: int) -> None:
        self.year = year


def take_number() -> TicketNumber:
    """The next number of the present year. Call inside the transaction that creates the ticket.

    Incrementing the year's row locks it until that transaction ends, so creations of a year follow one another, and
    one that fails gives its number back. A year's first creation makes its row.
    """
    year = timezone.now().astimezone(UTC).year  # a guess
    while True:
        try:
            with transaction.atomic():
                sequence, created_at = _increment(year)
                if created_at.year != year:
                    raise _YearHasTurned(created_at.year)
                return TicketNumber(year, sequence, created_at)
        except _YearHasTurned as turned:
            year = turned.year


def _increment(year: int) -> tuple[int, datetime]:
    """The next sequence, whose row is then locked, and the time once it is."""
    row = TicketSequence.objects.filter(year=year)
    if not row.update(last_sequence=F("last_sequence") + 1):
        TicketSequence.objects.bulk_create([TicketSequence(year=year)], ignore_conflicts=True)
        row.update(last_sequence=F("last_sequence") + 1)
    sequence, moment = row.values_list("last_sequence", clock.Present()).get()
    return sequence, moment.astimezone(UTC)


def hold_year(year: int) -> int:
    """The last number that the year has given. Nobody else gets one before the transaction ends."""
    TicketSequence.objects.bulk_create([TicketSequence(year=year)], ignore_conflicts=True)
    return TicketSequence.objects.select_for_update().get(year=year).last_sequence


def advance_year(year: int, last_sequence: int) -> None:
    """Let the next creation of a year that is held take the number after this one."""
    TicketSequence.objects.filter(year=year).update(last_sequence=last_sequence)
