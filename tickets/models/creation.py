"""What makes numbering safe: the last number of each year."""

from __future__ import annotations

from django.db import models


class TicketSequence(models.Model):
    """The last number given in a year. Its row is the lock under which tickets are created.

    A sequence of the database would be quicker, but it does not take part in transactions: a creation that fails would
    leave a gap, and numbers could become visible in another order than they were given. The highest number of the
    tickets plus one would be given twice to two people at once.
    """

    year = models.PositiveSmallIntegerField(primary_key=True)
    last_sequence = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last_sequence}"
