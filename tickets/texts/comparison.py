"""What has changed from one text to another, word by word, in time that grows no faster than the texts."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Literal

# Characters between the first and the last difference. What is longer is shown as one change.
LONGEST_COMPARED = 8000

# Equal words of both texts, each counted with each: looking for the best fit takes time that grows with them.
MOST_PAIRS = 5000

# Words and pairs that are looked at, again for each place that stayed the same. Takes a fifth of a second at most.
MOST_STEPS = 500_000

Change = tuple[Literal["same", "out", "in"], str]


def changes(old: str, new: str) -> Iterator[Change]:
    """The pieces of both texts in order: those of both are `same`, of the old one alone `out`, of the new one `in`."""
    start = _whole_words(old, new, _same_at_start(old, new))
    head, old, new = old[:start], old[start:], new[start:]
    backwards, other = old[::-1], new[::-1]
    at_end = _whole_words(backwards, other, _same_at_start(backwards, other))
    middle, changed, tail = old[: len(old) - at_end], new[: len(new) - at_end], old[len(old) - at_end :]
    yield "same", head
    yield from _differences(middle, changed)
    yield "same", tail


def _same_at_start(one: str, other: str) -> int:
    """How many characters both begin with. Found by halves, since comparing whole pieces is quick."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        half = (least + most + 1) // 2
        if one[least:half] == other[least:half]:
            least = half
        else:
            most = half - 1
    return least


_WORD = re.compile(r"\w*")
_PIECE = re.compile(r"\s+|\w+|[^\w\s]")


def _whole_words(one: str, other: str, same: int) -> int:
    """`same`, without the beginning of a word that goes on in either text."""
    goes_on = any(_WORD.match(text, same, same + 1)[0] for text in (one, other))  # type: ignore[index]  # it always fits
    return same - len(_WORD.match(one[:same][::-1])[0]) if goes_on else same  # type: ignore[index]  # the same


def _differences(old: str, new: str) -> Iterator[Change]:
    if max(len(old), len(new)) > LONGEST_COMPARED:
        yield from (("out", old), ("in", new))
        return
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    before_keys, after_keys = _with_neighbour(before), _with_neighbour(after)
    counts = Counter(after_keys)
    if sum(counts[key] for key in before_keys) > MOST_PAIRS:
        yield from (("out", old), ("in", new))
        return
    try:
        steps = _Matcher(before_keys, after_keys, counts).get_opcodes()
    except _TooMuch:
        yield from (("out", old), ("in", new))
        return
    for kind, i, j, k, m in steps:
        if kind == "equal":
            yield "same", "".join(before[i:j])
            continue
        space = before[j - 1] if i < j and k < m and before[j - 1] == after[m - 1] else ""
        yield "out", "".join(before[i:j]).removesuffix(space)
        yield "in", "".join(after[k:m]).removesuffix(space)
        yield "same", space


class _TooMuch(Exception):
    pass


class _Matcher(difflib.SequenceMatcher[str]):
    """Looks through all that lies between two places that are the same, for each of them: so its steps are counted."""

    def __init__(self, before: list[str], after: list[str], counts: Counter[str]) -> None:
        super().__init__(None, before, after, autojunk=False)
        self.steps_up_to = list(accumulate((1 + counts[key] for key in before), initial=0))
        self.steps = 0

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        self.steps += self.steps_up_to[-1 if ahi is None else ahi] - self.steps_up_to[alo]
        if self.steps > MOST_STEPS:
            raise _TooMuch
        return super().find_longest_match(alo, ahi, blo, bhi)


def _with_neighbour(pieces: list[str]) -> list[str]:
    """A space counts as the same only behind the same word; else every space of a text would fit every other."""
    return [before + piece if piece.isspace() else piece for before, piece in zip(["", *pieces], pieces, strict=False)]
