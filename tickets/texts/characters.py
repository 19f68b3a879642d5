"""Characters of texts that people type: invisible ones, line ends, and how many marks one letter may have."""

from __future__ import annotations

import re
from unicodedata import combining

# Marks on one letter, as Unicode's stream-safe text has them (UAX #15). Putting a run of them into order takes time
# that grows with the square of its length, and holds the interpreter meanwhile: a second for 20 000 of them.
MOST_MARKS = 30

# Unicode's Default_Ignorable_Code_Point and the annotation marks: they take no room.
WITHOUT_WIDTH = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Letters by name, of which a space is seen: fillers of Hangul, and Braille without a dot.
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"

_UNSEEN = re.compile(rf"[\s\x00-\x1f\x7f-\x9f{WITHOUT_WIDTH}{FILLERS}]*")
# Marks are neither letters nor spaces to `re`, so that a long run of them lies within one of these.
_LONG_RUN = re.compile(rf"(?<![^\w\s])[^\w\s]{{{MOST_MARKS + 1},}}+")
# Marks that `combining` does not know, since they stand for two others.
_PAIRS_OF_MARKS = "\u0f73\u0f75\u0f81"


def each(characters: str) -> list[int]:
    """The code points of the inside of a character class."""
    spans = re.findall(r"(.)-(.)|(.)", characters)
    return [code for first, last, one in spans for code in range(ord(first or one), ord(last or one) + 1)]


def is_invisible(text: str) -> bool:
    """Whether a person sees nothing of it: only spaces, control characters and characters without width."""
    return _UNSEEN.fullmatch(text) is not None


def unix_lines(text: str) -> str:
    """The text with line ends as LF, as texts are stored; browsers send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def stream_safe(text: str) -> str:
    """The text with the first MOST_MARKS of each run of combining marks: `unicodedata.normalize` takes linear time."""
    return _LONG_RUN.sub(_bounded, text)


def _bounded(run: re.Match[str]) -> str:
    allowed, marks = [], 0
    for character in run[0]:
        marks = marks + 1 if combining(character) or character in _PAIRS_OF_MARKS else 0
        if marks <= MOST_MARKS:
            allowed.append(character)
    return "".join(allowed)
