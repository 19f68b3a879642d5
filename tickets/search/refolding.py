"""Bringing stored search texts up to the present way of folding, while the desk serves.

Until a text's turn comes it is found as it was before (TicketTextQuerySet.holding). Each batch is a short
transaction, and a ticket that is edited meanwhile keeps what its edit wrote: so it may be broken off, started again,
and run twice at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from config.database.turns import take_turns
from tickets.search import folding

# Two at once would lock many rows, each in an order of its own, and wait for each other. Who edits locks one.
TURN = "search texts"


def refold(texts: QuerySet[Any], *, of: str = "ticket", batch_size: int = 200) -> Iterator[int]:
    """Fold those of the texts anew that were folded another way; of each batch how many were.

    `texts` are those of the model TicketText, as it is or as a migration knows it, or those `of` a "comment".
    """
    waiting = texts.exclude(folding=folding.FOLDING).select_related(of).order_by("pk")
    rest = waiting
    while batch := list(rest[:batch_size]):
        yield replace(texts, batch, of=of)
        rest = waiting.filter(pk__gt=batch[-1].pk)


def replace(texts: QuerySet[Any], read: Sequence[Any], *, of: str = "ticket") -> int:
    """Fold what these rows are of anew; how many were still as they had been read."""
    folded = [(row, _DOCUMENTS[of](getattr(row, of))) for row in read]
    # What an edit puts in is folded the present way, and what it leaves is the same either way: these need no look.
    same = [row.pk for row, document in folded if row.text == document]
    with transaction.atomic():
        take_turns(TURN)
        done = texts.filter(pk__in=same).update(folding=folding.FOLDING)
        unchanged = ((texts.filter(pk=row.pk, text=row.text), new) for row, new in folded if row.text != new)
        return done + sum(row.update(text=document, folding=folding.FOLDING) for row, document in unchanged)


def forget(texts: QuerySet[Any], owners: QuerySet[Any], *, of: str = "ticket") -> None:
    """Have all texts count as folded another way, and those that are missing be there, so that `refold` writes each.

    `owners` are all that has a text: the tickets, or the comments that were not removed.
    """
    with transaction.atomic():
        take_turns(TURN)
        texts.update(folding=None)
    for owner in owners.filter(~Exists(texts.filter(**{of: OuterRef("pk")}))).iterator(chunk_size=1000):
        texts.bulk_create([texts.model(**{of: owner}, text="")], ignore_conflicts=True)


def document_of(ticket: Any) -> str:
    """The folded text of a ticket as it stands now."""
    return folding.document(ticket_number=ticket.ticket_number, title=ticket.title, description=ticket.description)


def _text_of_comment(comment: Any) -> str:
    return folding.fold(comment.text)


_DOCUMENTS: dict[str, Callable[[Any], str]] = {"ticket": document_of, "comment": _text_of_comment}
