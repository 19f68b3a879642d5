"""Texts of 100 000 characters that make careless code slow, and what an operation on one may cost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

LENGTH = 100_000

PIECES = {
    "marks of two kinds": "\u0301\u0316",
    "marks that stand for two": "\u0344\u0f73",
    "marks thirty to a letter": "e" + "\u0301\u0316" * 15,
    "marks behind joiners": "\u034f\u0301\u200d\u0316",
    "iota subscripts": "\u1f82\u0345",
    "Hangul syllables": "각",
    "Hangul letters": "\u1100\u1161\u11a8",
    "one Hangul vowel": "\u1161",
    "capitals that grow": "ΐßİﬃ",
    "ligatures": "\ufdfa",
    "spaces": " ",
    "kinds of space": "\u00a0\u3000\u2028\u3164",
    "lines": "a\n",
    "carriage returns": "\r",
    "one word": "x",
    "words of one letter": "a ",
    "full stops": "a.",
    "quotes": '"',
    "kinds of quotes": "\u2019\u201c\u00ab`",
    "apostrophes": "n't ",
    "hyphens": "log-",
    "brackets": "([{<",
    "brackets in pairs": "()",
    "at signs": "a@",
    "addresses": "a@b.c ",
    "beginnings of links": "http://",
    "links": "https://a.example/b?c=(d) ",
    "www": "www.a.com ",
    "ampersands": "&amp;&lt;",
    "semicolons": "&;",
    "fences": "```\n",
    "indented lines": "    x\n",
    "lines of a trace": "\tat a.b(c)\n",
    "backslashes": "\\",
    "per cent": "%_",
    "words without width": "\u200b\ufe0f",
    "emoji": "👩\u200d💻\ufe0f",
    "right to left": "\u202eنص ",
    "denials": "not to ",
    "words of triage": "all the data fails wrong ",
}
TEXTS = {name: (piece * LENGTH)[:LENGTH] for name, piece in PIECES.items()}
TEXTS["two runs of marks"] = "a" + "\u0301" * 49_999 + "\u0316" * 50_000
TEXTS["a link with brackets"] = "http://a.example/" + "(" * (LENGTH - 17)
TEXTS["a link with full stops"] = "http://a.example/" + "." * (LENGTH - 17)
TEXTS["a fence that is none"] = "~" * (LENGTH - 1) + "`"
TEXTS["a letter between spaces"] = " " * 50_000 + "a" + " " * 49_999
TEXTS["words of which none is the same"] = " ".join(f"w{n}" for n in range(LENGTH))[:LENGTH]


@contextmanager
def little_time(most: float = 1.0, *, what: str = "This") -> Iterator[None]:
    """The thread may take so many seconds of the processor: the promise is a quarter of one, on a machine at rest."""
    began = time.thread_time()
    yield
    taken = time.thread_time() - began
    assert taken < most, f"{what} took {taken:.2f} s of the processor"
