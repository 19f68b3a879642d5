"""Reading CSV files that anybody may have made, row by row, in bounded memory.

Encoding and delimiter are found out, never asked for. What cannot be read as a whole raises InvalidCsv; a row that
makes no sense by itself is handed on, for others to judge.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from csvsync.errors import InvalidCsv

# In characters. Far beyond any ticket, and small enough that no single row fills the memory.
MAX_CELL = 1_000_000
MAX_ROW = 2_000_000

DELIMITERS = (",", ";", "\t")
BYTES_AT_ONCE = 1 << 20
NUL = "\0"

csv.field_size_limit(MAX_CELL)  # holds for the whole process


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
    """A row as read, with its meaning by the header; `line` is where it begins, the first of the file being 1."""

    line: int
    cells: list[str]
    header: Header

    @property
    def fits(self) -> bool:
        """Whether it has as many cells as the header."""
        return len(self.cells) == len(self.header.names)

    @property
    def id(self) -> str:
        """In lower case; empty where it is blank or absent."""
        return self._cell(self.header.id).lower()

    @property
    def ticket_number(self) -> str:
        """In upper case; empty where it is blank or absent."""
        return self._cell(self.header.ticket_number).upper()

    @property
    def status(self) -> str:
        """In upper case."""
        return self.status_as_written.upper()

    @property
    def status_as_written(self) -> str:
        return self._cell(self.header.status)

    @property
    def key_as_written(self) -> str:
        """The id, else the ticket number, else nothing."""
        return self._cell(self.header.id) or self._cell(self.header.ticket_number)

    def _cell(self, column: int | None) -> str:
        return self.cells[column].strip() if column is not None and column < len(self.cells) else ""


class CsvFile:
    """A file of ticket statuses. Encoding, NULs and header are judged at once, the rest while `rows` is read.

    `file` is binary and seekable; it is neither closed nor kept at any position. Raises InvalidCsv.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.encoding = _find_encoding(file)
        self.delimiter, self.header = _find_header(file, self.encoding)

    def rows(self) -> Iterator[Row]:
        """The rows below the header, from the first, on each call. Raises InvalidCsv, at the end if there is none."""
        count, header = 0, self.header
        for line, cells in _records(self.file, self.encoding, self.delimiter):
            if line > header.line:
                count += 1
                yield Row(line, cells, header)
        if not count:
            raise InvalidCsv(_("The file has a header but no rows. Add a row for each ticket."))


class _Lines:
    """The lines of a text for csv.reader, which asks for another one while a quote is open."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.given = 0  # lines so far
        self.begin_row()

    def begin_row(self) -> None:
        self.row_line = self.given + 1
        self.row_size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline(MAX_ROW + 1)
        if not line:
            if self.given >= self.row_line:
                raise InvalidCsv(
                    _("A quote is still open at the end of the file. Close it in the row that begins on line %(line)d.")
                    % {"line": self.row_line}
                )
            raise StopIteration
        self.given += 1
        self.row_size += len(line)
        if self.row_size > MAX_ROW:
            raise InvalidCsv(
                _(
                    "The row that begins on line %(line)d is longer than %(limit)d characters."
                    " Shorten it, or close the quote that was opened there."
                )
                % {"line": self.row_line, "limit": MAX_ROW}
            )
        return line


def _text(file: IO[bytes], encoding: Encoding) -> io.TextIOWrapper:
    """From the first character. Line ends stay as they are, but all three kinds end a line. Detach it after use."""
    file.seek(encoding.bom)
    return io.TextIOWrapper(file, encoding=encoding.codec, errors=encoding.errors, newline="")


def _records(file: IO[bytes], encoding: Encoding, delimiter: str) -> Generator[tuple[int, list[str]], None, None]:
    """Each line that is not empty, with the lines that its quotes take in, as its number and cells."""
    text = _text(file, encoding)
    try:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=delimiter)
        while True:
            lines.begin_row()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise InvalidCsv(
                    _("The row that begins on line %(line)d cannot be read (%(error)s). Correct or remove it.")
                    % {"line": lines.row_line, "error": error}
                ) from error
            if cells is None:
                return
            if cells:
                yield lines.row_line, cells
    finally:
        # Or its own end would close the file. An answer that nobody reads to its end may outlive the upload.
        if not file.closed:
            text.detach()


def _find_encoding(file: IO[bytes]) -> Encoding:
    """UTF-8 or marked UTF-16 if the whole file is that, else Windows-1252, which any bytes are."""
    file.seek(0)
    start = file.read(3)
    if start.startswith(codecs.BOM_UTF16_LE):
        encoding = Encoding("utf-16-le", 2)
    elif start.startswith(codecs.BOM_UTF16_BE):
        encoding = Encoding("utf-16-be", 2)
    else:
        encoding = Encoding("utf-8", 3 if start == codecs.BOM_UTF8 else 0)
    try:
        _refuse_nul(file, encoding)
    except UnicodeDecodeError:
        # The mark of UTF-8 is passed over all the same, or it would spoil the name of the first column.
        encoding = Encoding("cp1252", encoding.bom if encoding.codec == "utf-8" else 0, "csvsync.control")
        _refuse_nul(file, encoding)
    return encoding


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
    """The delimiter under which the first row has the columns that are needed."""
    unreadable = None
    for delimiter in DELIMITERS:
        records = _records(file, encoding, delimiter)
        try:
            first = next(records, None)
        except InvalidCsv as error:
            unreadable = error
            continue
        finally:
            records.close()
        if first is None:
            raise InvalidCsv(_("The file is empty. It needs a header and a row for each ticket."))
        if header := _header(*first):
            return delimiter, header
    raise unreadable or InvalidCsv(
        _(
            "The first row must be a header with the column status, and id or ticket_number or both,"
            " separated by commas, semicolons or tabs."
        )
    )


def _header(line: int, names: list[str]) -> Header | None:
    """What the names mean, or None where a column is missing. Raises InvalidCsv where a needed one stands twice."""
    columns: dict[str, list[int]] = {"status": [], "id": [], "ticket_number": []}
    for column, name in enumerate(names):
        if (known := name.strip().casefold()) in columns:
            columns[known].append(column)
    if not columns["status"] or not (columns["id"] or columns["ticket_number"]):
        return None
    for name, found in columns.items():
        if len(found) > 1:
            raise InvalidCsv(_("The header names the column %(name)s twice. Keep one of them.") % {"name": name})
    first = {name: found[0] if found else None for name, found in columns.items()}
    return Header(line, names, columns["status"][0], first["id"], first["ticket_number"])
