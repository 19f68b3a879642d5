"""The folded texts of tickets that search reads."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tickets.search import queries


class TicketTextQuerySet(models.QuerySet["TicketText"]):
    def holding(self, wanted: queries.Wanted) -> Self:
        """Those with all of these texts. What has not been folded anew yet is found as it was found before."""
        return self.filter(queries.condition(wanted))


class TicketText(models.Model):
    """The folded text that search reads. It stands apart so that a change of status does not rewrite its index."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.TextField()
    folding = models.PositiveSmallIntegerField(null=True)
    """The FOLDING of tickets/search/folding.py by which all of the text was folded; none for what is older than it."""

    objects: ClassVar[TicketTextQuerySet] = TicketTextQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    def __str__(self) -> str:
        return self.text[:80]
