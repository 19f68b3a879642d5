"""A severity from the words of a ticket alone: no network, no database, the same answer every time.

The text starts at MEDIUM. Every concept found in it (triage/heuristic/concepts.py) moves the score by its weight, in
full from the title and in part from the description; a concept that is denied ("no outage") does not count.

Phrases are found by their last word. An index leads from a word to the few phrases that can end in it, and those are
then read leftwards from there. The plain way would be one regular expression for each phrase; but there are 1 900 of
them, which took 3.5 s of processor time for prose of 100 000 characters, where this takes 0.03 s. Every word is looked
at once and each look is bounded, so time is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext, gettext_lazy

from tickets.texts.characters import stream_safe
from tickets.workflow import Severity
from triage.heuristic.concepts import CONCEPTS
from triage.heuristic.vocabulary import SETS

# How much of its weight a concept keeps that only the description has. Descriptions mention much in passing that would
# lower the level (documentation, tests, options).
RAISING_IN_DESCRIPTION = 0.5
LOWERING_IN_DESCRIPTION = 0.25

LEVELS = tuple(Severity)

# Scores from which on LOW, MEDIUM, HIGH and VERY_HIGH hold. `manage.py calibrate_triage` chooses them.
THRESHOLDS = (-0.7, -0.15, 0.35, 1.0)

REASONS_SHOWN = 4
RAISES = gettext_lazy("Raises it: %(concept)s.")
LOWERS = gettext_lazy("Lowers it: %(concept)s.")

# How many words `..` may skip.
GAP = 4

# How many words before a phrase a denial still undoes it.
DENIAL_REACH = 3

# One place in a phrase: words that fit exactly, beginnings that fit, and how many words may stand between it and the
# next element to its left.
Element = tuple[frozenset[str], tuple[str, ...], int]

# How often one word is looked at with what stands before it: a text that repeats it more often says nothing new.
MOST_LOOKS = 300

# Characters of a word that are looked at.
LONGEST_WORD = 40

# The token of any punctuation that ends a clause.
BREAK = "."

_TOKEN = re.compile(r"[^\W_]+|'[^\W_]+|[.,;:!?()\[\]{}\n\"<>|]")
_SIGN_IN = re.compile(r"\b(?:log|sign)(?:ged|ging|s|ned|ing)?[ -](?:in|on|into|onto)\b")
_SIGN_OUT = re.compile(r"\b(?:log|sign)(?:ged|ging|s|ned|ing)? (?:me |us |users |people )?(?:out|off)\b")
_CONTRACTED = re.compile(r"\b(ca|wo|does|do|did|is|are|was|were|has|have|had|could|would|should|must|need)n'?t\b")
_DENIALS = frozenset(SETS["DENIAL"].split("|"))
_HALTS = frozenset(SETS["HALT"].split("|"))


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way of saying a concept, which is given by its index into CONCEPTS.

    `rest` are the elements before the last one, from right to left. `asserted` and `opens` are the signs `=` and `^` of
    triage/heuristic/vocabulary.py.
    """

    concept: int
    last: Element
    rest: tuple[Element, ...]
    asserted: bool
    opens: bool


def fold(text: str) -> str:
    """Lower case without accents, with straight apostrophes and contractions written out."""
    plain = text.replace("\u2019", "'")
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFD", stream_safe(plain)) if not unicodedata.combining(c))
    plain = _SIGN_IN.sub("login", _SIGN_OUT.sub("logout", plain.lower().replace("cannot", "can not")))
    return _CONTRACTED.sub(lambda m: {"ca": "can", "wo": "will"}.get(m[1], m[1]) + " not", plain)


def words_of(text: str) -> list[str]:
    """The words of a text in order, folded, with BREAK wherever a clause ends."""
    return [token[:LONGEST_WORD] if token[0].isalnum() else BREAK for token in _TOKEN.findall(fold(text))]


def _element(written: str, gap: int) -> Element:
    options = [option for part in written.split("|") for option in SETS.get(part, part).split("|")]
    exact = frozenset(option for option in options if not option.endswith("*"))
    return exact, tuple(option[:-1] for option in options if option.endswith("*")), gap


def _phrase(index: int, written: str) -> Phrase:
    elements: list[Element] = []
    gap = 0
    for word in written.lstrip("=^").split():
        if word == "..":
            gap = GAP
            continue
        elements.append(_element(word, gap))
        gap = 0
    return Phrase(index, elements[-1], tuple(reversed(elements[:-1])), written.startswith("="), written.startswith("^"))


def _index() -> tuple[dict[str, tuple[Phrase, ...]], dict[str, tuple[Phrase, ...]], tuple[int, ...]]:
    """Phrases by their last word, in two tables, and a tuple of lengths.

    The first table has the phrases that give their last word whole. The second has those that give only its beginning,
    and the tuple the lengths of these beginnings.
    """
    exact: dict[str, list[Phrase]] = {}
    stems: dict[str, list[Phrase]] = {}
    for number, concept in enumerate(CONCEPTS):
        for written in concept.phrases:
            phrase = _phrase(number, written)
            for word in phrase.last[0]:
                exact.setdefault(word, []).append(phrase)
            for stem in phrase.last[1]:
                stems.setdefault(stem, []).append(phrase)
    lengths = tuple(sorted({len(stem) for stem in stems}))
    return {w: tuple(p) for w, p in exact.items()}, {s: tuple(p) for s, p in stems.items()}, lengths


_EXACT, _STEMS, _STEM_LENGTHS = _index()


@lru_cache(maxsize=8192)
def _ending_in(word: str) -> tuple[Phrase, ...]:
    """Phrases whose last word this can be."""
    phrases = list(_EXACT.get(word, ()))
    for length in _STEM_LENGTHS:
        if length <= len(word):
            phrases += _STEMS.get(word[:length], ())
    return tuple(phrases)


def _start(phrase: Phrase, words: Sequence[str], at: int) -> int:
    """Where the phrase that ends at `at` begins, or -1 if it does not stand there.

    It is read leftwards, and each element is taken at the nearest place where it fits. Trying its other places too
    would find a little more, but the work would be multiplied with each gap of a phrase.
    """
    gap = phrase.last[2]
    for exact, stems, next_gap in phrase.rest:
        for place in range(at - 1, max(at - 2 - gap, -1), -1):
            word = words[place]
            if word == BREAK:
                return -1
            if word in exact or (stems and word.startswith(stems)):
                at = place
                break
        else:
            return -1
        gap = next_gap
    if phrase.opens and at > 0 and words[at - 1] != BREAK:
        return -1
    return at


def _denied(words: Sequence[str], start: int) -> bool:
    """Whether a denial stands shortly before, in the same clause and with nothing between that turns the thought."""
    for place in range(start - 1, max(start - 1 - DENIAL_REACH, -1), -1):
        word = words[place]
        if word in _DENIALS:
            return True
        if word == BREAK or word in _HALTS:
            return False
    return False


def concepts_in(words: Sequence[str]) -> set[int]:
    """Indices into CONCEPTS of what these words say and do not deny."""
    found: set[int] = set()
    looks: dict[str, int] = {}
    for at, word in enumerate(words):
        if word == BREAK or not _ending_in(word):
            continue
        looks[word] = looks.get(word, 0) + 1
        if looks[word] > MOST_LOOKS:
            continue
        for phrase in _ending_in(word):
            if phrase.concept in found:
                continue
            start = _start(phrase, words, at)
            if start >= 0 and (phrase.asserted or not _denied(words, start)):
                found.add(phrase.concept)
    return found


@dataclass(frozen=True, slots=True)
class Judgement:
    """A severity and, in words for people, what it rests on: the weightiest reasons first, never none."""

    severity: Severity
    reasons: list[str]


def suggest(title: str, description: str) -> Judgement:
    """The severity that the words of a ticket speak for. Pure, and never fails, whatever the text."""
    weights = weights_of(title, description)
    return Judgement(level_of(sum(weights.values())), reasons_for(weights))


def score_of(title: str, description: str) -> float:
    """How far from MEDIUM the text is, in about levels."""
    return sum(weights_of(title, description).values())


def weights_of(title: str, description: str) -> dict[int, float]:
    """Indices into CONCEPTS of what the text says, with what each adds to the score."""
    weights: dict[int, float] = {}
    for number in concepts_in(words_of(description)):
        weight = CONCEPTS[number].weight
        weights[number] = weight * (RAISING_IN_DESCRIPTION if weight > 0 else LOWERING_IN_DESCRIPTION)
    for number in concepts_in(words_of(title)):
        weights[number] = CONCEPTS[number].weight
    return weights


def level_of(score: float) -> Severity:
    """The level that a score stands for; 0 is MEDIUM."""
    return LEVELS[bisect_right(THRESHOLDS, score)]


def reasons_for(weights: Mapping[int, float]) -> list[str]:
    """At most REASONS_SHOWN concepts as sentences, the weightiest first."""
    shown = sorted(weights, key=lambda number: -abs(weights[number]))[:REASONS_SHOWN]
    if not shown:
        return [gettext("Nothing in the text speaks for more or less than medium.")]
    return [(RAISES if weights[number] > 0 else LOWERS) % {"concept": CONCEPTS[number].reason} for number in shown]
