"""How text is made comparable for search, the same on both databases.

Search compares folded text with folded text, as characters. The databases could compare as well, but not alike:
SQLite's LIKE knows case for ASCII only, PostgreSQL's depends on the collation of the server, and neither knows that a
curly quote and a straight one mean the same. So texts are folded here, once when a ticket is written, and stored
beside it (TicketText); a query is folded the same way when somebody searches.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from tickets.texts.characters import FILLERS, WITHOUT_WIDTH, each, stream_safe

# The number of this way of folding, which is stored with each text that was folded by it. Whoever changes the result of
# `fold` raises it, and `manage.py refold_search_texts` brings the stored texts up to it.
FOLDING = 1

# Folded text never contains this capital, so no search can match across the end of a field.
FIELD_BREAK = "Ω"

SINGLE_QUOTES = (
    "`\u00b4\u02b9\u02bc\u055a\u05f3\u2018-\u201b\u2032\u2035\u2039\u203a\u275b\u275c\u300c\u300d\uff07\uff62\uff63"
)
DOUBLE_QUOTES = "\u00ab\u00bb\u05f4\u201c-\u201f\u2033\u2036\u275d\u275e\u2e42\u300e\u300f\u301d-\u301f\uff02"
HYPHENS = "\u058a\u05be\u1400\u1806\u2010-\u2015\u2212\u2e3a\u2e3b\u2e40\ufe31\ufe32\ufe58\ufe63\uff0d"


_PLAIN: dict[str, str] = {
    **dict.fromkeys(map(chr, each(WITHOUT_WIDTH)), ""),
    **dict.fromkeys(map(chr, each(FILLERS)), " "),
    **dict.fromkeys(map(chr, each(SINGLE_QUOTES)), "'"),
    **dict.fromkeys(map(chr, each(DOUBLE_QUOTES)), '"'),
    **dict.fromkeys(map(chr, each(HYPHENS)), "-"),
}
# Finds the few characters that are replaced. `str.translate` asks its table about each character, and takes six times
# as long, of which an audit of a million tickets would have a quarter of its time.
_NOT_PLAIN = re.compile(f"[{WITHOUT_WIDTH}{FILLERS}{SINGLE_QUOTES}{DOUBLE_QUOTES}{HYPHENS}]")


def _plain(text: str) -> str:
    if text.isascii():
        return text.replace("`", "'")  # the only one of them
    return _NOT_PLAIN.sub(lambda found: _PLAIN[found[0]], text)


def fold(text: str) -> str:
    """Text without differences that people do not mean. It takes linear time.

    Of case and composition nothing is left (Unicode's canonical caseless matching, in NFC; the i of Turkish with and
    without its dot is one, since their capitals cannot be told from others). Kinds of quotes, hyphens and spaces are
    one, spaces and line breaks in a row one space, those around the text are gone, and so are characters without
    width.

    Text is decomposed before its case is folded and composed afterwards, since folding the case of a composed letter
    can give a sequence that is not composed. `stream_safe` bounds runs of marks first: to put a run in order takes time
    that grows with the square of its length.
    """
    plain = _plain(text)
    if plain.isascii():
        return " ".join(plain.lower().split())
    decomposed = normalize("NFD", stream_safe(" ".join(plain.split()))).casefold()
    return normalize("NFC", decomposed.replace("i\u0307", "i").replace("\u0131", "i"))


def join(*, ticket_number: str, title: str, description: str) -> str:
    """The folded text of one ticket, from parts that have been folded already."""
    return FIELD_BREAK.join((ticket_number.lower(), title, description))


def document(*, ticket_number: str, title: str, description: str) -> str:
    """The folded text of one ticket: number, title and description, with FIELD_BREAK between them."""
    return join(ticket_number=ticket_number, title=fold(title), description=fold(description))


def with_changed(document: str, folded: dict[str, str]) -> str:
    """A ticket's document with its title, its description or both replaced by what has been folded already."""
    ticket_number, title, description = document.split(FIELD_BREAK)
    return join(**{"ticket_number": ticket_number, "title": title, "description": description, **folded})


def fold_as_before(text: str) -> str:
    """The way of folding before FOLDING was counted: case and composition only. Texts without a number have it."""
    return normalize("NFC", normalize("NFD", stream_safe(text)).casefold())


def is_space(text: str) -> bool:
    """Whether nothing but spaces is left of it once characters without width are gone."""
    return bool(_plain(text)) and not fold(text)
