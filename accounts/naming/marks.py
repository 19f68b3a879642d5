"""The small mark beside a name: its initials, in a colour that stays with the person."""

from __future__ import annotations

import uuid
from itertools import takewhile
from unicodedata import category

TONES = 8  # as many as static/css/desk.css has classes for: tone-1 to tone-8
# Not those that only modify their neighbours, such as the ʻ of Hawaiian.
_LETTERS = ("Lu", "Ll", "Lt", "Lo")
MOST_MARKS = 2  # of accents and vowel signs that go with an initial


def initials(name: str) -> str:
    """The first letters of the first and the last word, each with its accents; of a single word one.

    Words without a letter count only where there are no others, so that `Support 2` is S and `2` is 2.
    """
    words = [letter for word in name.split() if (letter := _first_letter(word))]
    if not words:
        return _with_marks(name.lstrip("\"'(")[:8])
    return words[0] if len(words) == 1 else words[0] + words[-1]


def _first_letter(word: str) -> str:
    """The first letter of a word, large where its script has large ones; nothing where it has no letter."""
    start = next((at for at, character in enumerate(word) if category(character) in _LETTERS), None)
    return "" if start is None else _with_marks(word[start:])


def _with_marks(text: str) -> str:
    marks = takewhile(lambda each: category(each)[0] == "M", text[1:])
    return text[:1].title() + "".join(list(marks)[:MOST_MARKS])


def tone(person: uuid.UUID) -> int:
    """The colour of a person, from 1 to TONES, the same in every process and for ever."""
    return person.int % TONES + 1
