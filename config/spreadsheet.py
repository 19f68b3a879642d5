"""CSV for people, who open it in a spreadsheet. (The exchange's CSV is exact and not made here.)"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

# What makes a spreadsheet take a cell for a formula (OWASP, CSV injection). One that separates by something else than
# commas, or by tabs as well, sees more beginnings of cells than were written.
_FORMULA = re.compile("(?:^|(?<=[,;\t\r\n]))(?=[=+\\-@＝＋－＠])|^(?=[\t\r\n])")


def neutralised(cell: str) -> str:
    """The cell with an apostrophe wherever a spreadsheet would begin to run it."""
    return _FORMULA.sub("'", cell)


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Lines of CSV in UTF-8 with a BOM, by which spreadsheets know the encoding."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    for row in rows:
        yield writer.writerow([neutralised(cell) for cell in row]).encode()
