"""A ticket's text as it is read: lines of prose, and lines of code, which are what a program wrote or is to read.

Each line is judged by its beginning, in time that grows no faster than the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from tickets.texts.characters import unix_lines


@dataclass(frozen=True, slots=True)
class Block:
    lines: list[str]
    is_code: bool


_FENCE = re.compile(r" {0,3}(```++|~~~++)[^`]*+$")
_INDENTED = re.compile(r"\t| {4}")
_LIST_ITEM = re.compile(r"\s{0,8}(?:[-*+•]|[0-9]{1,3}[.)])\s")
# A line of a stack trace as Java, .NET, JavaScript, Python, Ruby, Go and PHP write them.
_TRACE = re.compile(
    r"\s+at \S{1,500}(?:\(|:[0-9]+:[0-9]+)"
    r"|\s*\.\.\. [0-9]+ (?:more|common frames)"
    r"|Traceback \(most recent call last\):"
    r'|\s+File "'
    r"|\s*(?:from )?\S{1,500}:[0-9]+:in [`']"
    r"|goroutine [0-9]+ \["
    r"|#[0-9]+ +(?:0x|/|\{main\}|[A-Z]:\\)"
)
# What is code beside such a line, and may be prose elsewhere: the name of what went wrong.
_BESIDE_CODE = re.compile(
    r"Caused by: |Exception in thread |panic: |Unhandled |[\w.$]{0,500}(?:Exception|Error|Warning)(?::|$)"
)

MOST_BLOCKS = 500  # what alternates more often was written by a program, and is shown as code altogether

PROSE, CODE, INDENTED, BESIDE, EMPTY, MARK = range(6)


def blocks(text: str) -> list[Block]:
    """The text in its blocks, without the marks around what is fenced by ``` and empty lines at the ends of each."""
    kinds = _settled(list(_kinds(unix_lines(text).split("\n"))))
    made = []
    for kind, group in groupby(kinds, key=lambda each: each[0]):
        lines = _without_empty_ends([line for _kind, line in group])
        if lines and kind != MARK:
            made.append(Block(lines, kind == CODE))
    return (
        made if len(made) <= MOST_BLOCKS else [Block(_without_empty_ends(unix_lines(text).split("\n")), is_code=True)]
    )


def _kinds(lines: list[str]) -> Iterator[tuple[int, str]]:
    fence, in_list = "", False
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            ends = mark and mark[1].startswith(fence) and line.strip() == mark[1]
            yield (MARK if ends else CODE), line
            fence = "" if ends else fence
        elif mark:
            fence = mark[1]
            yield MARK, line
        else:
            kind = _kind_of(line)
            # What is indented under an item of a list goes on with it.
            in_list = _LIST_ITEM.match(line) is not None or (in_list and kind == INDENTED)
            yield (kind if kind != INDENTED else PROSE if in_list else CODE), line


def _kind_of(line: str) -> int:
    if not line or line.isspace():
        return EMPTY
    if _TRACE.match(line):
        return CODE
    return INDENTED if _INDENTED.match(line) else BESIDE if _BESIDE_CODE.match(line) else PROSE


def _settled(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Each line as PROSE, CODE or MARK: first what is code beside code, then empty lines, code between code."""
    kinds = [kind for kind, _line in lines]
    for undecided, needed in ((BESIDE, 1), (EMPTY, 2)):
        sides = zip(kinds, _neighbours(kinds), _neighbours(kinds[::-1])[::-1], strict=True)
        kinds = [
            kind if kind != undecided else CODE if [before, after].count(CODE) >= needed else PROSE
            for kind, before, after in sides
        ]
    return [(kind, line) for kind, (_kind, line) in zip(kinds, lines, strict=True)]


def _neighbours(kinds: list[int]) -> list[int]:
    """For each line the kind of the nearest one before it that is neither empty nor undecided."""
    nearest, found = PROSE, []
    for kind in kinds:
        found.append(nearest)
        nearest = kind if kind in (PROSE, CODE, MARK) else nearest
    return found


def _without_empty_ends(lines: list[str]) -> list[str]:
    full = [i for i, line in enumerate(lines) if line and not line.isspace()]
    return lines[full[0] : full[-1] + 1] if full else []
