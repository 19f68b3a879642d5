"""CSV for people, who open it in a spreadsheet. (The exchange's CSV is exact and not made here.)"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

# What makes a spreadsheet take a cell for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralised(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would run it."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Lines of CSV in UTF-8 with a BOM, by which spreadsheets know the encoding."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    for row in rows:
        yield writer.writerow([neutralised(cell) for cell in row]).encode()
