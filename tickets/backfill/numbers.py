"""The numbers of the tickets of one call, by year and in the order in which the tickets come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tickets import numbering
from tickets.backfill.errors import Rule, require
from tickets.backfill.limits import is_time
from tickets.backfill.records import TicketRecord
from tickets.models import Ticket
from tickets.numbering import TicketNumber
from tickets.texts.numbers import sequence_in


@dataclass(slots=True)
class _Year:
    """How far a year has come: its last number, and when the ticket with that one was created."""

    last_sequence: int
    last_created_at: datetime


class Numbers:
    """Holds the lock of each year that has had a ticket until the transaction ends, so nobody else gives its numbers.

    Numbers only ever rise from where the year stands. Thus no number is there twice, and all of them can be judged
    without a look at the tickets that have them, however many those are.
    """

    def __init__(self) -> None:
        self.years: dict[int, _Year] = {}

    def take(self, record: TicketRecord) -> TicketNumber:
        """The number that the record names, or else the next of its year. Raises BackfillRefused."""
        require(is_time(record.created_at), record, Rule.TIMES)
        year_of_creation = record.created_at.astimezone(UTC).year
        year = self.years.get(year_of_creation) or self._hold(year_of_creation)
        sequence = _sequence_in(record, year_of_creation) or year.last_sequence + 1
        require(sequence > year.last_sequence, record, Rule.NUMBER_RISES)
        require(record.created_at >= year.last_created_at, record, Rule.CREATION_RISES)
        year.last_sequence, year.last_created_at = sequence, record.created_at
        return TicketNumber(year_of_creation, sequence, record.created_at)

    def _hold(self, year: int) -> _Year:
        last_sequence = numbering.hold_year(year)
        newest = Ticket.objects.filter(year=year).order_by("-sequence").values_list("created_at", flat=True).first()
        self.years[year] = _Year(last_sequence, newest or datetime.min.replace(tzinfo=UTC))
        return self.years[year]

    def advance_years(self) -> None:
        """Let the next creation of each year go on from here."""
        for year, state in self.years.items():
            numbering.advance_year(year, state.last_sequence)


def _sequence_in(record: TicketRecord, year: int) -> int | None:
    if record.number is None:
        return None
    sequence = sequence_in(record.number, year)
    require(sequence is not None, record, Rule.NUMBER_FORM)
    return sequence
