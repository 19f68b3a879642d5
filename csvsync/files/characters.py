"""What is taken off around the cells of a file, and what is shown of characters that nobody can see."""

from __future__ import annotations

import re
import unicodedata

from tickets.search.folding import HYPHENS
from tickets.texts.characters import FILLERS, WITHOUT_WIDTH, each

LINE_ENDS = "\r\n"
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace() and chr(code) not in LINE_ENDS)
# Characters that mean nothing at the beginning or the end of a cell.
BLANK = SPACES + "".join(map(chr, each(WITHOUT_WIDTH)))

_EDGE = BLANK + LINE_ENDS
_NOTHING = re.compile(rf"[{SPACES}{LINE_ENDS}{WITHOUT_WIDTH}]*+")
_UNSEEN = re.compile(rf"[{SPACES.replace(' ', '')}\x00-\x1f\x7f-\x9f{WITHOUT_WIDTH}{FILLERS}]")
_IN_KEYS: dict[int, str | None] = {**dict.fromkeys(each(HYPHENS), "-"), **dict.fromkeys(each(WITHOUT_WIDTH))}


def plain(cell: str) -> str:
    """The text of a cell without what stands unseen around it.

    It is also taken out of `="…"`, by which people keep a spreadsheet from reading a text as a number.
    """
    text = cell.strip() if cell.isascii() else cell.strip(_EDGE)
    if text[:2] == '="' and text[-1] == '"' and len(text) > 2:
        return text[2:-1].strip(_EDGE)
    return text


def plain_key(cell: str) -> str:
    """A key as `plain` gives it, without unseen characters inside, and with every hyphen as the one of keyboards."""
    text = plain(cell)
    return text if text.isascii() else text.translate(_IN_KEYS)


def is_blank(text: str) -> bool:
    """Whether it holds nothing but spaces, line ends and characters without width."""
    return _NOTHING.fullmatch(text) is not None


def shown(text: str) -> str:
    """The text with the characters that one cannot see named in place, such as `OP<U+200B>EN`."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def unseen(text: str) -> str:
    """The characters in it that one cannot see, each once by code and name; empty where there are none."""
    found = dict.fromkeys(_UNSEEN.findall(text))
    return ", ".join(f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip() for char in found)
