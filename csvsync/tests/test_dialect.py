"""How files are read: encodings, delimiters, line ends and line numbers."""

from __future__ import annotations

import io
import time
import tracemalloc

import pytest

from csvsync.errors import InvalidCsv
from csvsync.files.dialect import CsvFile

pytestmark = pytest.mark.no_database


def rows(content: bytes) -> list[tuple[int, list[str]]]:
    return [(row.line, row.cells) for row in CsvFile(io.BytesIO(content)).rows(whole=True)]


def problem(content: bytes) -> str:
    with pytest.raises(InvalidCsv) as refused:
        rows(content)
    assert refused.value.status == 400
    assert refused.value.code == "invalid_csv"
    assert str(refused.value.message) == "Empty or invalid CSV"
    assert refused.value.fields is not None
    [text] = refused.value.fields["file"]
    return text


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        (b"id,status\na,OPEN\n", ","),
        (b"id;status\na;OPEN\n", ";"),
        (b"id\tstatus\na\tOPEN\n", "\t"),
        (b"ticket_number;status\na;OPEN\n", ";"),
        (b"title;id;status\n1,5;a;OPEN\n", ";"),
        (b'"title, long";id;status\nx;a;OPEN\n', ";"),
        (b"a,b,c;id;status\nx;a;OPEN\n", ";"),
        (b"a;b;c,id,status\nx;y,a,OPEN\n", ","),
    ],
)
def test_the_delimiter_is_read_from_the_header(content: bytes, delimiter: str) -> None:
    file = CsvFile(io.BytesIO(content))
    assert file.delimiter == delimiter
    [row] = file.rows()
    assert (row.id or row.ticket_number.lower(), row.status) == ("a", "OPEN")


TITLE = "Añb “c” €"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        pytest.param(f"id,status,title\na,OPEN,{TITLE}\n".encode(), TITLE, id="UTF-8"),
        pytest.param(f"id,status,title\na,OPEN,{TITLE}\n".encode("utf-8-sig"), TITLE, id="UTF-8 with BOM"),
        pytest.param(b"\xff\xfe" + f"id,status,title\na,OPEN,{TITLE}\n".encode("utf-16-le"), TITLE, id="UTF-16 LE"),
        pytest.param(b"\xfe\xff" + f"id,status,title\na,OPEN,{TITLE}\n".encode("utf-16-be"), TITLE, id="UTF-16 BE"),
        pytest.param(f"id,status,title\na,OPEN,{TITLE}\n".encode("cp1252"), TITLE, id="Windows-1252"),
        pytest.param(b"\xef\xbb\xbfid,status,title\na,OPEN,\xe9\n", "é", id="BOM of UTF-8 before Windows-1252"),
        pytest.param(
            b"id,status,title\na,OPEN,\x81\x8d\x8f\x90\x9d\x80\n",
            "\x81\x8d\x8f\x90\x9d€",
            id="bytes undefined in Windows-1252",
        ),
        pytest.param(b"id,status,title\na,OPEN,\xc3\xa9 \xe9\n", "Ã© é", id="UTF-8 but for one byte"),
        pytest.param("id,status,title\na,OPEN,\U0001f600\n".encode(), "\U0001f600", id="beyond the BMP in UTF-8"),
        pytest.param(
            "id,status,title\na,OPEN,\U0001f600\n".encode("utf-16"), "\U0001f600", id="beyond the BMP in UTF-16"
        ),
        pytest.param(b"id,status,title\na,OPEN,\xed\xa0\x80\n", "í\xa0€", id="surrogates are no UTF-8"),
        pytest.param(b"id,status,title\na,OPEN,\x01\x1b\x7f\n", "\x01\x1b\x7f", id="control characters"),
    ],
)
def test_the_encoding_is_found_out(content: bytes, title: str) -> None:
    assert rows(content) == [(2, ["a", "OPEN", title])]


def test_one_byte_far_behind_decides_the_encoding() -> None:
    many = b"id,status,title\n" + b"a,OPEN,\xc3\xa9\n" * 250_000
    for content, title in ((many, "é"), (many + b"a,OPEN,\xe9\n", "Ã©")):
        assert next(CsvFile(io.BytesIO(content)).rows()).cells == ["a", "OPEN", title]


def test_a_character_may_lie_across_the_pieces_that_are_read() -> None:
    for shift in range(4):
        content = "id,status,title\na,OPEN," + "x" * shift + "€" * 400_000 + "\n"
        [(_, cells)] = rows(content.encode())
        assert cells[2] == "x" * shift + "€" * 400_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"id,status\na,OPEN\nb,OPEN\n", [2, 3]),
        (b"id,status\r\na,OPEN\r\nb,OPEN\r\n", [2, 3]),
        (b"id,status\ra,OPEN\rb,OPEN\r", [2, 3]),
        (b"id,status\na,OPEN\r\nb,OPEN\rc,OPEN", [2, 3, 4]),
        (b"id,status\n\n\na,OPEN\n\nb,OPEN\n\n", [4, 6]),
        (b"\n\nid,status\na,OPEN\n", [4]),
        (b"\r\n\r\nid,status\r\na,OPEN\r\n", [4]),
        (b"\xef\xbb\xbf\r\rid,status\ra,OPEN\r", [4]),
        (b'id,status,title\na,OPEN,"one\ntwo\nthree"\nb,OPEN,x\n', [2, 5]),
        (b'id,status,title\r\na,OPEN,"one\r\ntwo"\r\nb,OPEN,x\r\n', [2, 4]),
        (b'id,status,title\ra,OPEN,"one\rtwo"\rb,OPEN,x\r', [2, 4]),
        (b'id,status,title\na,OPEN,"\n\n"\n\nb,OPEN,x\n', [2, 6]),
        (b'id,status,"ti\ntle"\na,OPEN,x\n', [3]),
        (b"id,status\n \n,\na,OPEN\n", [4]),
        (b"sep=,\nid,status\na,OPEN\n", [3]),
        ("id,status,title\na,OPEN,one\u2028two\x85three\x0bfour\nb,OPEN,x\n".encode(), [2, 3]),
    ],
)
def test_a_row_is_known_by_the_line_at_which_it_begins(content: bytes, expected: list[int]) -> None:
    assert [line for line, _ in rows(content)] == expected


def test_line_breaks_within_quotes_are_kept() -> None:
    assert rows(b'id,status,title\na,OPEN,"1\r\n2\n3\r4"\n') == [(2, ["a", "OPEN", "1\r\n2\n3\r4"])]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        (b'a,OPEN,"x, y"', ["a", "OPEN", "x, y"]),
        (b'a,OPEN,"x ""y"" z"', ["a", "OPEN", 'x "y" z']),
        (b'a,OPEN,19" rack', ["a", "OPEN", '19" rack']),
        (b'a,OPEN,"x"y', ["a", "OPEN", "xy"]),
        (b"a,OPEN,", ["a", "OPEN", ""]),
        (b'a,OPEN,""', ["a", "OPEN", ""]),
        (b'a,OPEN,"', None),
    ],
)
def test_quotes(line: bytes, cells: list[str] | None) -> None:
    content = b"id,status,title\n" + line
    if cells is None:
        assert "line 2" in problem(content)
    else:
        assert rows(content) == [(2, cells)]


def test_keys_and_status_lose_case_and_surrounding_space() -> None:
    content = "ID , Ticket_Number,\u00a0STATUS\n AB-cd , tkt-2026-000001\t, pending \n".encode()
    [row] = CsvFile(io.BytesIO(content)).rows()
    assert (row.id, row.ticket_number, row.status) == ("ab-cd", "TKT-2026-000001", "PENDING")
    assert row.key_as_written == "AB-cd"


def test_columns_stand_in_any_order_and_others_may_repeat() -> None:
    [row] = CsvFile(io.BytesIO(b"x,status,x,id,\n1,OPEN,2,a,3\n")).rows()
    assert (row.id, row.ticket_number, row.status, row.fits) == ("a", "", "OPEN", True)


def test_rows_can_be_read_again() -> None:
    file = CsvFile(io.BytesIO(b"id,status\na,OPEN\nb,OPEN\n"))
    assert [row.id for row in file.rows()] == ["a", "b"]
    assert next(file.rows()).id == "a"
    assert [row.id for row in file.rows()] == ["a", "b"]


def test_reading_leaves_the_file_open() -> None:
    content = io.BytesIO(b"id,status\na,OPEN\n")
    list(CsvFile(content).rows())
    assert not content.closed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"id,status\na,OPEN\nb,\x00OPEN\n", "line 3 holds a nul"),
        (b"id,status\na,OPEN\0", "line 2 holds a nul"),
        (b'id,status\na,OPEN\n"', "line 3"),
        (b'id,status\na,OPEN\n"\n', "line 3"),
        (b'id,status\na,"OPEN\nb,OPEN\nc,OPEN\n', "line 2"),
        (b'id,status\na,"x\ny"\nb,"OPEN\nc\n', "line 4"),
        (b'id,status\na,OPEN\nb,"' + b"x\n" * 500_001, "line 3"),
        (b"id,status,x" + b"," * 2_000_000 + b"\na,OPEN\n", "line 1 is longer than 2000000"),
        (b"id,status\n\n\n", "no rows"),
        (b"", "empty"),
        (b"id,status,ID\na,OPEN,a", "column id twice"),
    ],
    ids=range(11),
)
def test_what_is_wrong_is_said_with_its_line(content: bytes, words: str) -> None:
    assert words in problem(content).lower()


HOSTILE = {
    "a line": b"id,status\n" + b"x" * 30_000_000,
    "lines within quotes": b'id,status\na,"' + b"x\n" * 100_000 + b'"',
    "empty cells": b"id,status\n" + b"," * 12_000_000 + b"x",
    "full cells": b"id,status\n" + b"x," * 6_000_000 + b"x",
    "quoted cells": b"id,status\n" + b'"",' * 100_000 + b"x",
    "quotes": b'id,status\na,"' + b'""' * 12_000_000 + b'"',
    "long lines within quotes": b'id,status\na,"' + (b"x" * 100_000 + b"\n") * 300 + b'"',
    "UTF-16": "\ufeffid,status\n".encode("utf-16-le") + b"x\0" * 15_000_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_an_import_reads_any_row_in_bounded_memory(content: bytes) -> None:
    file = CsvFile(io.BytesIO(content))
    tracemalloc.start()
    [row] = file.rows()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert row.line == 2
    assert peak < 3_000_000


def test_a_row_that_is_read_whole_has_a_limit() -> None:
    content = b"id,status,x\na,OPEN," + b"x" * 70_000_000 + b"\n"
    assert "line 2 is longer than 64000000 characters" in problem(content)


def cpu_seconds(content: bytes) -> float:
    """The processor's time that reading it takes in this thread, whatever else the machine does."""
    file = CsvFile(io.BytesIO(content))
    began = time.thread_time()
    for _row in file.rows():
        pass
    return time.thread_time() - began


@pytest.mark.parametrize(
    ("head", "repeated", "tail"),
    [
        (b"id,status\n", b"x\n", b""),
        (b"id,status\n", b"x", b""),
        (b"id,status\n", b",", b"x"),
        (b"id,status\n", b'"",', b"x"),
        (b"id,status\n", b' "x" , ', b"x"),
        (b"id,status\n", b'"', b"\n"),
        (b'id,status\n"', b'""', b'"'),
        (b'id,status\n"', b"TKT-2026-000001,\n", b'"'),
        (b'id,status\n"', b"\r", b'"'),
        (b"id,status\n", b" ", b"x"),
        (b"id,status\n", b'"a"b,OPEN\n', b""),
        (b"id,status\n", b'"a\nb",OPEN\n', b""),
    ],
    ids=range(12),
)
def test_reading_takes_time_that_grows_with_the_file_alone(head: bytes, repeated: bytes, tail: bytes) -> None:
    size = 100_000  # longer than what is read of a line at once
    short, long = (head + repeated * (count // len(repeated) // 2 * 2) + tail for count in (size, 8 * size))
    # Quadratic work would take 64 times as long.
    assert cpu_seconds(long) < 24 * max(cpu_seconds(short), 0.02)


@pytest.mark.parametrize(
    ("number", "named"),
    [
        ("TKT-2026-000001", ["TKT-2026-000001"]),
        ("tkt-2026-999999999", ["tkt-2026-999999999"]),
        ("TKT-2026-00001", []),
        ("TKT-2026-1000000000", []),  # no ticket can have it, so the line is text like any other
    ],
)
def test_a_line_within_quotes_that_begins_with_a_number_of_ours_is_told(number: str, named: list[str]) -> None:
    content = f'id,status,title\na,OPEN,"x\n{number},OPEN,y"\n'.encode()
    [row] = CsvFile(io.BytesIO(content)).rows(whole=True)
    assert row.quotes is not None
    assert [key for _column, key in row.quotes.named] == named
