"""What makes creating a ticket safe: the last number of each year, and which forms have made a ticket already."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from datetime import datetime


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


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of_tickets_created_before(self, moment: datetime) -> Self:
        return self.filter(ticket__created_at__lt=moment)


class Submission(models.Model):
    """A form for a new ticket that was sent, by the key that it carried, so that sending it twice makes one ticket."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[SubmissionQuerySet] = SubmissionQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    def __str__(self) -> str:
        return str(self.key)
