"""What somebody who searches asks for, and the conditions on stored texts by which the database finds it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import StrIndex, Substr
from django.db.models.lookups import GreaterThan

from tickets.search import folding
from tickets.texts import numbers

MAX_QUERY_LENGTH = 1000
# Of a query. Each word costs a look at every text that has the others.
MOST_WORDS = 20
# Characters at the beginning of a text that is searched for by which it is looked up in the index.
INDEXED_LENGTH = 24
# A number in a query: as it is written, or without the year, or also without the zeros and the `#`.
_SHORT_OR_FULL = re.compile(rf"(?:tkt-([0-9]{{4}})-|#)?([0-9]{{1,{numbers.MOST_DIGITS}}})")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What the folded text of a ticket has to have: all of `texts`. False where nothing is asked for.

    `before` are the same texts for tickets that are stored as they were folded before (folding.fold_as_before).
    `are_words` is set where a query was taken apart into words. A word that is a bare number, such as 26, then counts
    where it is in the title or the description, or is the ticket's own number, but not as a part of other numbers: the
    year in the number of every ticket would fit it.
    """

    texts: tuple[str, ...]
    before: tuple[str, ...]
    are_words: bool = False

    def __bool__(self) -> bool:
        return bool(self.texts)


def phrase(query: str) -> SearchTerms:
    """A query as one text."""
    folded = folding.fold(query)
    return SearchTerms((folded,), (folding.fold_as_before(query.strip()),)) if folded else SearchTerms((), ())


def search_words(query: str) -> SearchTerms:
    """The words of a query, to be found in any order."""
    return SearchTerms(
        _longest_words(folding.fold(query)), _longest_words(folding.fold_as_before(query)), are_words=True
    )


def bare_number(text: str) -> int | None:
    """The number that a word is, where the numbers of tickets would hold it by chance: `0`, `26` or `2026`."""
    return int(text) if re.fullmatch("0|[1-9][0-9]{0,4}", text) else None


def _longest_words(folded: str) -> tuple[str, ...]:
    """The longest MOST_WORDS words, without those that are a part of a longer one and so are found with it anyway."""
    found: list[str] = []
    for word in sorted(dict.fromkeys(folded.split()), key=len, reverse=True):
        if len(found) == MOST_WORDS:
            break
        if not any(word in longer for longer in found):
            found.append(word)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Number:
    """A ticket's number as people write it: `#295` and `295` leave the year open."""

    year: int | None
    sequence: int
    is_full: bool

    @property
    def terms(self) -> SearchTerms:
        """The terms that find this number in the folded text of the ticket that has it."""
        prefix = f"tkt-{self.year}" if self.year else ""
        text = f"{prefix}-{numbers.place(self.sequence)}{folding.FIELD_BREAK}"
        return SearchTerms((text,), (text,))

    def __str__(self) -> str:
        """As the ticket has it; only of a number with its year."""
        return numbers.number(self.year or 0, self.sequence)


def number_in(query: str) -> Number | None:
    """The number that a query is, if it is one."""
    found = _SHORT_OR_FULL.fullmatch(folding.fold(query))
    if not found or found[1] == "0000":
        return None
    year, sequence = int(found[1]) if found[1] else None, int(found[2])
    return Number(year, sequence, is_full=year is not None and found[2] == numbers.place(sequence))


def condition(terms: SearchTerms) -> Q:
    """The condition that a row of TicketText has all of these terms."""
    found = _word_in_text if terms.are_words else _in_text
    condition = Q(*map(found, terms.texts))
    if terms.before != terms.texts:
        condition |= Q(*map(found, terms.before), folding=None)
    return condition


def _word_in_text(word: str) -> Q:
    """The condition that a word is in a stored text; a bare number only outside of other tickets' numbers."""
    number = bare_number(word)
    if number is None:
        return _in_text(word)
    texts = Substr("text", StrIndex("text", Value(folding.FIELD_BREAK)))
    [own] = Number(None, number, is_full=False).terms.texts
    return Q(GreaterThan(StrIndex(texts, Value(word)), 0), text__contains=word) | Q(text__contains=own)


def _in_text(text: str) -> Q:
    """The condition that this text is somewhere in a stored one.

    On PostgreSQL only LIKE can use the trigram index, but LIKE takes time that grows with both lengths multiplied, so
    that a long query against long texts could occupy the server for seconds. So the index is asked for the beginning
    of a long text, and `strpos`, whose time grows with the sum of the lengths, compares all of it with what is found.
    SQLite has no such index, so there `instr` does it alone.
    """
    whole = Q(GreaterThan(StrIndex("text", Value(text)), 0))
    if connection.vendor != "postgresql":
        return whole
    beginning = Q(text__contains=text[:INDEXED_LENGTH])
    return beginning if len(text) <= INDEXED_LENGTH else beginning & whole
