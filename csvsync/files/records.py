"""From text to the rows of a CSV file: one after the other, in time that grows with the text alone.

Python's own reader is lenient where a quote went astray, and does not tell: text behind a closing quote runs into the
cell, and a quote that is never closed takes in the lines that follow. Here rows begin and end at the same places, but
what is suspicious about their quotes is told, so that nobody takes damage for data.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from django.utils.translation import gettext as _

from csvsync.errors import InvalidCsv
from csvsync.files.characters import BLANK, LINE_ENDS, SPACES, is_blank
from tickets.texts.characters import WITHOUT_WIDTH
from tickets.texts.numbers import NUMBER

PIECE = 1 << 16  # characters of a line that are looked at together
MAX_WHOLE_ROW = 64_000_000  # in characters, a cell counting for some: what one row may take of the memory
WEIGHT_OF_CELL = 8
# Beside one another these are more keys than fit into any title, so nobody needs to look further.
MOST_NAMED = 16
KEY = rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|{NUMBER}"

# A quote that is written twice is one of the text. Nothing is given back, so it takes one look at each character.
_UP_TO_QUOTE = re.compile(r'[^"]*+(?:""[^"]*+)*+')


class Excerpt(NamedTuple):
    """How much of a row is kept: of each cell some characters, and no more cells than the header has.

    Of long rows only the columns of `needed` are kept at all. This is what the import reads: it has no use for the
    rest, so that no row is too long for it.
    """

    columns: int
    needed: frozenset[int]
    # A title of 200 characters has to fit in, all of them line breaks that another system writes as two characters.
    cell: int = 500
    row: int = 4_000_000


class Quotes(NamedTuple):
    """What there is to know about a row that has quotes or is long.

    `last` is the line at which it ends. `behind` tells that text stands behind the closing quote of a cell. `named`
    are the keys at the beginning of lines within cells that a delimiter follows, each with the number of its cell.
    `surplus` counts cells that were not kept, `filled` tells whether any of them says something. `raw` is the row as
    it stood in the file, where it is read whole.
    """

    last: int
    behind: bool
    named: tuple[tuple[int, str], ...]
    surplus: int
    filled: bool
    raw: str


class Record(NamedTuple):
    """`line` is where it begins, the first of the text being 1."""

    line: int
    cells: list[str]
    quotes: Quotes | None = None


def records(
    text: io.TextIOWrapper, delimiter: str, *, excerpt: Excerpt | None = None, limit: int = MAX_WHOLE_ROW
) -> Iterator[Record]:
    """Each row that says anything: lines of nothing but delimiters and blanks are none.

    Raises InvalidCsv where a quote is open at the end, and where a row that is read whole is longer than `limit`.
    """
    pieces = _Pieces(text)
    nothing = BLANK + LINE_ENDS + delimiter
    begins_with_nothing = frozenset(nothing)
    syntax = _Syntax(delimiter)
    line = 0
    while piece := pieces.take():
        line += 1
        if '"' not in piece and len(piece) < PIECE:
            if piece[0] not in begins_with_nothing or piece.strip(nothing):
                yield Record(line, piece.rstrip(LINE_ENDS).split(delimiter))
            continue
        if cells := syntax.plainly_quoted(piece):
            yield Record(line, cells)
            continue
        row = _Row(syntax, line, excerpt, limit)
        while not row.takes_last(piece):
            following = pieces.take()
            if not following:
                row.end()
                break
            line += piece[-1] in LINE_ENDS
            piece = following
        if row.says_anything:
            yield Record(row.line, row.cells, row.quotes(line))


class _Pieces:
    """The lines of a text with their ends, long ones in several pieces, so that no line fills the memory."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.readline = text.readline
        self.ahead = ""

    def take(self) -> str:
        piece, self.ahead = self.ahead, ""
        if not piece.endswith("\r"):
            piece += self.readline(PIECE - len(piece))
        if piece.endswith("\r") and len(piece) in (1, PIECE):
            # The limit may have come between the two characters of one line end.
            following = self.readline(1)
            if following == "\n":
                piece += following
            else:
                self.ahead = following
        return piece


class _Syntax:
    def __init__(self, delimiter: str) -> None:
        blank = f"[{SPACES.replace(delimiter, '')}{WITHOUT_WIDTH}]"
        self.delimiter = delimiter
        # Possessive, since the blanks that are given back could begin nothing of what stands behind them.
        self.blanks = re.compile(f"{blank}*+")
        self.key = re.compile(f"{blank}*+({KEY}){blank}*+{re.escape(delimiter)}", re.IGNORECASE)
        self.quote_behind_blanks = re.compile(f'(?:^|{re.escape(delimiter)}){blank}+"')

    def plainly_quoted(self, piece: str) -> list[str] | None:
        """The cells of a row of one line whose quotes stand where they belong, else None.

        Almost all rows with quotes are of this kind, and Python's reader is the quicker one.
        """
        if len(piece) == PIECE or self.quote_behind_blanks.search(piece):
            return None
        try:
            return next(csv.reader([piece], delimiter=self.delimiter, strict=True))
        except csv.Error:
            return None


class _At(Enum):
    START = auto()  # of a cell, behind nothing but blanks
    PLAIN = auto()
    QUOTED = auto()
    CLOSED = auto()  # behind the quote that closes a cell, or behind the first one of a pair


class _Row:
    """One row, fed piece by piece. Nothing of a piece is looked at again when the next one comes."""

    def __init__(self, syntax: _Syntax, line: int, excerpt: Excerpt | None, limit: int) -> None:
        self.syntax, self.line, self.excerpt, self.limit = syntax, line, excerpt, limit
        self.cells: list[str] = []
        self.at = _At.START
        self.parts: list[str] = []
        self.size = 0  # of the present cell, as far as it is kept
        self.weight = 0  # of the whole row, as far as it is kept
        self.just_closed = False
        self.begins_line = False
        self.says_anything = False
        self.behind = False
        self.named: list[tuple[int, str]] = []
        self.surplus = 0
        self.filled = False
        self.raw: list[str] = []

    def takes_last(self, piece: str) -> bool:
        """Whether the row is complete with this piece.

        Each turn of the loop takes the text within one pair of quotes, or all that stands before the next pair. Behind
        the last quote of the piece nothing can open or close, so there it is split, which is many times quicker.
        """
        ended = piece[-1] in LINE_ENDS
        if not self.excerpt:
            self.raw.append(piece)
        if self.at is _At.QUOTED and self.begins_line:
            self._look_for_key(piece)
        self.begins_line = ended
        end = len(piece.rstrip(LINE_ENDS)) if ended else len(piece)
        last_quote = piece.rfind('"')
        position = 0
        while True:
            if self.at is _At.QUOTED:
                position = self._quoted(piece, position)
                if self.at is _At.QUOTED:
                    return False
            elif self.at is _At.CLOSED and self.just_closed and piece.startswith('"', position):
                self._add('"')  # the second one of a pair
                self.at, position = _At.QUOTED, position + 1
                continue
            # The second quote of a pair may be the first character of the next piece.
            self.just_closed = self.at is _At.CLOSED and position == len(piece)
            if position > last_quote and self.at is not _At.CLOSED:
                self._without_quotes(piece[position:end].split(self.syntax.delimiter))
                break
            position = self._unquoted(piece, position, end)
            if position < 0:
                break
        if ended:
            self._end_cell()
        return ended

    def end(self) -> None:
        """Call at the end of the text. Raises InvalidCsv."""
        if self.at is _At.QUOTED:
            raise InvalidCsv(
                _("A quote is still open at the end of the file. Close it in the row that begins on line %(line)d.")
                % {"line": self.line}
            )
        self._end_cell()

    def quotes(self, last: int) -> Quotes:
        return Quotes(last, self.behind, tuple(self.named), self.surplus, self.filled, "".join(self.raw))

    def _quoted(self, piece: str, position: int) -> int:
        """Takes in what stands within quotes; the position behind them."""
        text, end = _matched(_UP_TO_QUOTE, piece, position)
        self._add(text.replace('""', '"'))
        if end == len(piece):
            return end
        self.at = _At.CLOSED
        return end + 1

    def _unquoted(self, piece: str, position: int, end: int) -> int:
        """Takes in what stands outside of quotes, up to where a quoted cell begins; minus one at the end."""
        delimiter = self.syntax.delimiter
        while True:
            if self.at is _At.START:
                _blanks, begin = _matched(self.syntax.blanks, piece, position)
                if piece.startswith('"', begin):
                    self._clear()
                    self.at, self.says_anything = _At.QUOTED, True
                    return begin + 1
                self.at = _At.PLAIN if begin < end else _At.START
            stop = piece.find(delimiter, position, end)
            text = piece[position : stop if stop >= 0 else end]
            if self.at is _At.CLOSED and is_blank(text):
                text = ""
            elif self.at is _At.CLOSED:
                self.behind = True
            self._add(text)
            if stop < 0:
                return -1
            self._end_cell()
            position = stop + 1

    def _without_quotes(self, cells: list[str]) -> None:
        """Takes in the rest of a piece: the rest of the present cell, and the others, the last of which may go on."""
        self._add(cells[0])
        if len(cells) > 1:
            self._end_cell()
            self._add_cells(cells[1:-1])
            self._add(cells[-1])
        if self.at is _At.START and not is_blank(cells[-1]):
            self.at = _At.PLAIN

    def _add_cells(self, cells: list[str]) -> None:
        room = self.excerpt.columns - len(self.cells) if self.excerpt else len(cells)
        for cell in cells[: max(room, 0)]:
            self._add(cell)
            self._end_cell()
        rest = cells[max(room, 0) :]
        self.surplus += len(rest)
        self._look_at_surplus("".join(rest))

    def _look_at_surplus(self, text: str) -> None:
        self.filled = self.filled or not is_blank(text)
        self.says_anything = self.says_anything or self.filled

    def _add(self, text: str) -> None:
        self.says_anything = self.says_anything or not is_blank(text)
        if self.excerpt is None:
            self.weight += len(text)
            if self.weight > self.limit:
                raise InvalidCsv(
                    _(
                        "The row that begins on line %(line)d is longer than %(limit)d characters."
                        " Shorten it, or close the quote that was opened there."
                    )
                    % {"line": self.line, "limit": self.limit}
                )
        elif len(self.cells) < self.excerpt.columns:
            kept = self.weight < self.excerpt.row or len(self.cells) in self.excerpt.needed
            text = text[: self.excerpt.cell - self.size] if kept else ""
            self.size += len(text)
            self.weight += len(text)
        else:
            self._look_at_surplus(text)
            return
        if text:
            self.parts.append(text)

    def _end_cell(self) -> None:
        if self.excerpt and len(self.cells) >= self.excerpt.columns:
            self.surplus += 1
        else:
            self.cells.append(self.parts[0] if len(self.parts) == 1 else "".join(self.parts))
            self.weight += WEIGHT_OF_CELL
        self._clear()
        self.at = _At.START

    def _clear(self) -> None:
        self.parts, self.size = [], 0

    def _look_for_key(self, piece: str) -> None:
        if len(self.named) < MOST_NAMED and (found := self.syntax.key.match(piece)):
            self.named.append((len(self.cells), found[1]))


def _matched(pattern: re.Pattern[str], text: str, position: int) -> tuple[str, int]:
    """What a pattern that also fits nothing finds there, and where that ends."""
    found = pattern.match(text, position)
    return (found[0], found.end()) if found else ("", position)
