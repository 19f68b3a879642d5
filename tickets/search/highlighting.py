"""Where in a text, as people see it, stands what search has found in the folded one."""

from __future__ import annotations

import re
from bisect import bisect_right
from unicodedata import category

from tickets.search import folding, queries
from tickets.texts.characters import WITHOUT_WIDTH, each
from tickets.texts.numbers import place

PART = 4000  # characters that are folded at once when a long text is looked through
OVERLAP = 1500  # what is searched for may stand across the end of a part
NO_WIDTH = frozenset(each(WITHOUT_WIDTH))
HANGUL_VOWELS = range(0x1160, 0x1200)  # and final consonants: they join the letter before


def hits(text: str, query: str, *, is_number: bool = False) -> list[tuple[int, int]]:
    """Start and end of each place with the query, or where it is nowhere as one text with one of its words.

    In a ticket's number (`is_number`) those count that are meant to be one.
    """
    folded, starts = _aligned(text)
    terms = [each for each in _terms(query) if not is_number or queries.bare_number(each) is None]
    for texts in (terms[:1], terms[1:]):
        if found := _each(texts, folded):
            return _whole_letters(found, starts)
    return []


def first_hit(text: str, query: str) -> tuple[int, int] | None:
    """The first place with the query, or where it is nowhere as one text with one of its words."""
    phrase, *words = _terms(query) or [""]
    if not phrase:
        return None
    part_with_word = None
    for at in range(0, len(text), PART):
        folded = folding.fold(text[at : at + PART + OVERLAP])
        if phrase in folded:
            return _first_in(text, at, query)
        if part_with_word is None and any(word in folded for word in words):
            part_with_word = at
    return None if part_with_word is None else _first_in(text, part_with_word, query)


def _first_in(text: str, at: int, query: str) -> tuple[int, int] | None:
    found = hits(text[at : at + PART + OVERLAP], query)
    return (at + found[0][0], at + found[0][1]) if found else None


def _terms(query: str) -> list[str]:
    """The query as one text, then its words, and the form in which a number that it means is written."""
    phrase = queries.phrase(query).texts
    number = queries.number_in(query)
    return [*phrase, *queries.search_words(query).texts, *([place(number.sequence)] if number else [])]


def _each(texts: list[str], folded: str) -> list[tuple[int, int]]:
    """Where the texts stand in `folded`; of two that begin at the same place only the longer one."""
    pattern = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
    return [found.span() for found in re.finditer(pattern, folded)] if pattern else []


def _whole_letters(found: list[tuple[int, int]], starts: list[int]) -> list[tuple[int, int]]:
    """Where they stand in the text; of a letter that became several when it was folded, all of it or nothing."""
    places: list[tuple[int, int]] = []
    for i, j in found:
        start, end = starts[i], starts[bisect_right(starts, starts[j - 1])]
        if not places or start >= places[-1][1]:
            places.append((start, end))
    return places


def _aligned(text: str) -> tuple[str, list[int]]:
    """The folded text, but for spaces around it, and for each of its characters, and its end, where it comes from."""
    folded: list[str] = []
    starts: list[int] = []
    for at, letter in _letters(text):
        piece = folding.fold(letter)
        if not piece and folding.is_space(letter):
            piece = "" if folded and folded[-1] == " " else " "
        folded += piece
        starts += [at] * len(piece)
    return "".join(folded), [*starts, len(text)]


def _letters(text: str) -> list[tuple[int, str]]:
    """The text in letters with their marks, each with its place."""
    if text.isascii():
        return list(enumerate(text))
    starts = [i for i, character in enumerate(text) if i == 0 or not _joins(character)]
    return [(i, text[i:j]) for i, j in zip(starts, [*starts[1:], len(text)], strict=True)]


def _joins(character: str) -> bool:
    """Whether it belongs to the letter before. Without what has no width a mark behind it stands on that letter."""
    code = ord(character)
    return category(character).startswith("M") or code in HANGUL_VOWELS or code in NO_WIDTH
