"""The folded texts of tickets that search reads."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import connection, models
from django.db.models import Q, Value
from django.db.models.functions import StrIndex, Substr
from django.db.models.lookups import GreaterThan

from tickets.search import folding

INDEXED_LENGTH = 24  # characters by which a text that is searched for is looked up in the index


class TicketTextQuerySet(models.QuerySet["TicketText"]):
    def holding(self, wanted: folding.Wanted) -> Self:
        """Those with all of these texts. What has not been folded anew yet is found as it was found before."""
        found = _word_in_text if wanted.are_words else _in_text
        condition = Q(*map(found, wanted.texts))
        if wanted.before != wanted.texts:
            condition |= Q(*map(found, wanted.before), folding=None)
        return self.filter(condition)


def _word_in_text(word: str) -> Q:
    number = folding.bare_number(word)
    if number is None:
        return _in_text(word)
    texts = Substr("text", StrIndex("text", Value(folding.FIELD_BREAK)))
    [own] = folding.Number(None, number, is_full=False).wanted.texts
    return Q(GreaterThan(StrIndex(texts, Value(word)), 0), text__contains=word) | Q(text__contains=own)


def _in_text(text: str) -> Q:
    """LIKE takes time that grows with both lengths multiplied, but only it has an index, on PostgreSQL."""
    whole = Q(GreaterThan(StrIndex("text", Value(text)), 0))
    if connection.vendor != "postgresql":
        return whole
    beginning = Q(text__contains=text[:INDEXED_LENGTH])
    return beginning if len(text) <= INDEXED_LENGTH else beginning & whole


class TicketText(models.Model):
    """The folded text that search reads. It stands apart so that a change of status does not rewrite its index."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.TextField()
    folding = models.PositiveSmallIntegerField(null=True)
    """The FOLDING of tickets/search/folding.py by which all of the text was folded; none for what is older than it."""

    objects: ClassVar[TicketTextQuerySet] = TicketTextQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    def __str__(self) -> str:
        return self.text[:80]
