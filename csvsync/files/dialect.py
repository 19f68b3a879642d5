"""Reading CSV files that anybody may have made, row by row, in bounded memory.

Encoding and delimiter are found out, never asked for. What cannot be read as a whole raises InvalidCsv; a row that
makes no sense by itself is handed on, for others to judge.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Generator, Iterator
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from csvsync.errors import InvalidCsv
from csvsync.files.characters import is_blank, plain, plain_key
from csvsync.files.records import MAX_WHOLE_ROW, Excerpt, Quotes, Record, records

MAX_HEADER = 2_000_000  # characters

DELIMITERS = (",", ";", "\t")
BYTES_AT_ONCE = 1 << 20
NUL = "\0"
# How a spreadsheet is told the delimiter; it may have filled the line up with more of them.
SEP_LINE = re.compile(r"sep=([^\w\s\"]|\t)\1*", re.IGNORECASE)


def _as_control_character(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that Windows-1252 leaves undefined stand for themselves, as in browsers."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("csvsync.control", _as_control_character)


class Encoding(NamedTuple):
    """How to decode a file, after as many bytes of byte order mark."""

    codec: str
    bom: int = 0
    errors: str = "strict"


class Header(NamedTuple):
    """The column names as written, and where the needed ones stand; None for a key column that is absent."""

    line: int
    names: list[str]
    status: int
    id: int | None
    ticket_number: int | None


class Row(NamedTuple):
    """A row as read, with its meaning by the header; `line` is where it begins, the first of the file being 1.

    `quotes` tells more where it has quotes that are not plain to read; see csvsync/imports/swallowed.py.
    """

    line: int
    cells: list[str]
    header: Header
    quotes: Quotes | None = None

    @property
    def fits(self) -> bool:
        """Whether it has as many cells as the header; empty ones beyond that do no harm."""
        wanted = len(self.header.names)
        if len(self.cells) == wanted:
            return not (self.quotes and self.quotes.filled)
        return len(self.cells) > wanted and all(map(is_blank, self.cells[wanted:]))

    @property
    def width(self) -> int:
        """How many cells it has in the file."""
        return len(self.cells) + (self.quotes.surplus if self.quotes else 0)

    @property
    def last_line(self) -> int:
        return self.quotes.last if self.quotes else self.line

    @property
    def id(self) -> str:
        """The ticket's id in lower case; empty where it is blank or absent."""
        return plain_key(self._cell(self.header.id)).lower()

    @property
    def ticket_number(self) -> str:
        """The ticket's number in upper case; empty where it is blank or absent."""
        return plain_key(self._cell(self.header.ticket_number)).upper()

    @property
    def status(self) -> str:
        """The status in upper case."""
        return plain(self.status_as_written).upper()

    @property
    def status_as_written(self) -> str:
        return self._cell(self.header.status).strip()

    @property
    def key_as_written(self) -> str:
        """The id, else the ticket number, else nothing."""
        for column in (self.header.id, self.header.ticket_number):
            if plain_key(cell := self._cell(column)):
                return cell.strip()
        return ""

    def _cell(self, column: int | None) -> str:
        return self.cells[column] if column is not None and column < len(self.cells) else ""


class CsvFile:
    """A file of ticket statuses. Encoding, NULs and header are judged at once, the rest while `rows` is read.

    `file` is binary and seekable; it is neither closed nor kept at any position. Raises InvalidCsv.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.encoding = _find_encoding(file)
        self.delimiter, self.header = _find_header(file, self.encoding)

    def rows(self, *, whole: bool = False) -> Iterator[Row]:
        """The rows below the header, from the first, on each call. Raises InvalidCsv, at the end if there is none.

        Unless they are read whole, there is nothing left of what an import does not need, and no row is too long.
        """
        header, excerpt = self.header, None
        if not whole:
            needed = {column for column in (header.status, header.id, header.ticket_number) if column is not None}
            excerpt = Excerpt(len(header.names), frozenset(needed))
        count = 0
        for line, cells, quotes in _records(self.file, self.encoding, self.delimiter, excerpt=excerpt):
            if line > header.line:
                count += 1
                yield Row(line, cells, header, quotes)
        if not count:
            raise InvalidCsv(_("The file has a header but no rows. Add a row for each ticket."))


def _text(file: IO[bytes], encoding: Encoding) -> io.TextIOWrapper:
    """From the first character. Line ends stay as they are, but all three kinds end a line. Detach it after use."""
    file.seek(encoding.bom)
    return io.TextIOWrapper(file, encoding=encoding.codec, errors=encoding.errors, newline="")


def _records(
    file: IO[bytes],
    encoding: Encoding,
    delimiter: str,
    *,
    excerpt: Excerpt | None = None,
    limit: int = MAX_WHOLE_ROW,
) -> Generator[Record, None, None]:
    text = _text(file, encoding)
    try:
        yield from records(text, delimiter, excerpt=excerpt, limit=limit)
    finally:
        # Or its own end would close the file. An answer that nobody reads to its end may outlive the upload.
        if not file.closed:
            text.detach()


def _find_encoding(file: IO[bytes]) -> Encoding:
    """UTF-8 or marked UTF-16 if the whole file is that, else Windows-1252, which any bytes are."""
    if marks := _bytes_of(codecs.BOM_UTF16_LE, file):
        encoding = Encoding("utf-16-le", marks)
    elif marks := _bytes_of(codecs.BOM_UTF16_BE, file):
        encoding = Encoding("utf-16-be", marks)
    else:
        encoding = Encoding("utf-8", _bytes_of(codecs.BOM_UTF8, file))
    try:
        _refuse_nul(file, encoding)
    except UnicodeDecodeError:
        # The mark of UTF-8 is passed over all the same, or it would spoil the name of the first column.
        encoding = Encoding("cp1252", encoding.bom if encoding.codec == "utf-8" else 0, "csvsync.control")
        _refuse_nul(file, encoding)
    return encoding


def _bytes_of(mark: bytes, file: IO[bytes]) -> int:
    """How many bytes at the start of the file are this mark, which stands there again where files were put together."""
    size = 0
    file.seek(0)
    while file.read(len(mark)) == mark:
        size += len(mark)
    return size


def _refuse_nul(file: IO[bytes], encoding: Encoding) -> None:
    """Decode the whole file. Raises UnicodeDecodeError, or InvalidCsv where there is a NUL."""
    file.seek(encoding.bom)
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
    while chunk := file.read(BYTES_AT_ONCE):
        if NUL in decoder.decode(chunk):
            raise InvalidCsv(
                _("Line %(line)d holds a NUL character, so this is not a text file. Save it as CSV and try again.")
                % {"line": _line_of_nul(file, encoding)}
            )
    decoder.decode(b"", final=True)


def _line_of_nul(file: IO[bytes], encoding: Encoding) -> int:
    text = _text(file, encoding)
    try:
        line = 1
        while NUL not in (part := text.readline(BYTES_AT_ONCE)):
            line += part.endswith(("\n", "\r"))
        return line
    finally:
        text.detach()


def _find_header(file: IO[bytes], encoding: Encoding) -> tuple[str, Header]:
    """The delimiter under which the first row has the columns that are needed, or which the line before it names."""
    unreadable = None
    first_line, named = _sep_line(file, encoding)
    for delimiter in [named] if named else DELIMITERS:
        found = _records(file, encoding, delimiter, limit=MAX_HEADER)
        try:
            first = next((record for record in found if record.line > first_line), None)
        except InvalidCsv as error:
            unreadable = error
            continue
        finally:
            found.close()
        if first is None:
            raise InvalidCsv(_("The file is empty. It needs a header and a row for each ticket."))
        if first.quotes and (first.quotes.behind or first.quotes.named):
            stray = _("A stray quote stands in the header, on line %(line)d. Write it twice, or take it out.")
            unreadable = InvalidCsv(stray % {"line": first.line})
            continue
        if header := _header(first):
            return delimiter, header
    raise unreadable or InvalidCsv(
        _(
            "The first row must be a header with the column status, and id or ticket_number or both,"
            " separated by commas, semicolons or tabs."
        )
    )


def _sep_line(file: IO[bytes], encoding: Encoding) -> tuple[int, str | None]:
    """The line at which the file names its delimiter by `sep=;`, and which that is; 0 and None where it does not."""
    text = _text(file, encoding)
    try:
        line, written = 1, text.readline(MAX_HEADER)
        while written and is_blank(written):
            line, written = line + 1, text.readline(MAX_HEADER)
    finally:
        text.detach()
    # A tab at its end is the delimiter and no blank.
    found = SEP_LINE.fullmatch(written.strip('" \r\n'))
    return (line, found[1]) if found else (0, None)


def _header(first: Record) -> Header | None:
    """What the names mean, or None where a column is missing. Raises InvalidCsv where a needed one stands twice."""
    columns: dict[str, list[int]] = {"status": [], "id": [], "ticket_number": []}
    for column, name in enumerate(first.cells):
        if (known := plain(name).casefold()) in columns:
            columns[known].append(column)
    if not columns["status"] or not (columns["id"] or columns["ticket_number"]):
        return None
    for name, found in columns.items():
        if len(found) > 1:
            raise InvalidCsv(_("The header names the column %(name)s twice. Keep one of them.") % {"name": name})
    at = {name: found[0] if found else None for name, found in columns.items()}
    return Header(first.line, first.cells, columns["status"][0], at["id"], at["ticket_number"])
