"""Names as people type them: what is kept of them, what is refused, and how they are compared with a search."""

from __future__ import annotations

import re
from itertools import groupby
from unicodedata import category, combining, normalize

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 100
# Characters that are kept although nobody sees them: Persian and the scripts of India part and join letters by them.
JOINERS = "\u200c\u200d"
# Letters by name of which nothing is seen, after compatible forms are one: fillers of Hangul, Braille without a dot.
_FILLERS = "\u115f\u1160\u2800"
# Marks on one letter. No script needs more, and a pile of them would cover the lines above and below.
MOST_MARKS = 5


def tidy(name: str) -> str:
    """The name as it is kept: composed, without spaces around, with one plain space where there are several."""
    return normalize("NFC", " ".join(name.split()))


def validate_name(name: str) -> None:
    """Refuse what is too long once it is tidied, what people cannot see, and what would rearrange the line it is in.

    Raises ValidationError. Empty is no name, which is left to the caller.
    """
    if any(category(each)[0] == "C" and each not in JOINERS for each in name):
        raise ValidationError(_("Write the name without control characters."), code="control")
    if len(tidy(name)) > NAME_LENGTH:
        raise ValidationError(_("Write at most %(most)d characters."), code="max_length", params={"most": NAME_LENGTH})
    if name and not any(_is_seen(each) for each in normalize("NFKC", name)):
        raise ValidationError(_("Write a name that can be seen."), code="invisible")
    if any(is_mark and len(list(run)) > MOST_MARKS for is_mark, run in groupby(normalize("NFD", name), _is_mark)):
        raise ValidationError(_("Write fewer marks on one letter."), code="marks")


def _is_seen(character: str) -> bool:
    return category(character)[0] in "LNPS" and character not in _FILLERS


def _is_mark(character: str) -> bool:
    return category(character) in ("Mn", "Me")


def fold(text: str) -> str:
    """Names without differences that people do not mean when they look for somebody: case, accents, kinds of spaces.

    Unlike a search in texts it takes `João` for `joao`, since many keyboards cannot write the names of colleagues.
    Marks that carry vowels, as in the scripts of India, stay. The text is short: validate_name bounds a name, and
    MOST_SOUGHT (accounts/people/finding.py) what is looked for.
    """
    letters = (each for each in normalize("NFKD", text).casefold() if not combining(each) and each not in JOINERS)
    return " ".join(normalize("NFKC", "".join(letters)).replace("\u0131", "i").split())


# What may part the words of a local part: all of ASCII that is neither letter, digit, hyphen nor apostrophe.
_PARTS = re.compile(r"[\s\x00-&(-,./:-@\[-`{-\x7f]+")
_NUMBERED = re.compile(r"([^\W\d_])(\d+)$")
# Words that stand small within a name, in the languages that most names on desks come from.
_SMALL = {"da", "das", "de", "del", "der", "di", "do", "dos", "e", "van", "von"}


def readable(email: str) -> str:
    """A name made of an e-mail: `maria.silva+x@example.com` gives `Maria Silva`, `j.tolkien3@…` gives `J. Tolkien 3`.

    What follows a plus is no part of a name. Hyphens part words where nothing else does. Digits stay, since two people
    may differ by nothing else. The e-mail itself where nothing of it is a word.
    """
    local = email.rpartition("@")[0] or email
    local = local.partition("+")[0] or local
    words = [word for part in _PARTS.split(local) if (word := part.strip("-'"))]
    if len(words) == 1:
        words = [word for word in words[0].split("-") if word]
    words = [_NUMBERED.sub(r"\1 \2", word) for word in words]
    return " ".join(_written(word, at, len(words)) for at, word in enumerate(words)) or email


def _written(word: str, at: int, count: int) -> str:
    """A word of a name as one writes it, from how e-mails have it: in lower case."""
    if 0 < at < count - 1 and word in _SMALL:
        return word
    if len(word) == 1 and word.isalpha() and word.upper() != word and count > 1:
        return f"{word.upper()}."
    return re.sub(r"(?:^|(?<=[-']))\w", lambda first: first[0].title(), word)
