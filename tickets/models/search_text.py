"""The folded texts of tickets that search reads."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tickets.search import queries


class TicketTextQuerySet(models.QuerySet["TicketText"]):
    def holding(self, terms: queries.SearchTerms) -> Self:
        """Texts that have all of these terms. A text that waits to be folded anew is searched as it was before."""
        return self.filter(queries.condition(terms))


class TicketText(models.Model):
    """The folded text of a ticket, which search reads.

    It is a table of its own, since PostgreSQL writes a new row with all its index entries for every change of a row:
    in the ticket's table, each change of a status would write the large index of texts again.
    """

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.TextField()
    # The FOLDING of tickets/search/folding.py by which all of the text was folded; null for what is older than it.
    folding = models.PositiveSmallIntegerField(null=True)

    objects: ClassVar[TicketTextQuerySet] = TicketTextQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    def __str__(self) -> str:
        return self.text[:80]
