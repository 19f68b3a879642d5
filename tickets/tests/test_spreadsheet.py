"""CSV for people: nothing that somebody wrote becomes a formula in whatever program opens it."""

from __future__ import annotations

import pytest

from config.spreadsheet import csv_lines, neutralised

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
@pytest.mark.parametrize("before", ["", "printer;", "a, b,", "a\t", "first line\n", "first line\r\n", ";;", "x\n\n"])
def test_an_apostrophe_stands_before_whatever_may_begin_a_formula(before: str, sign: str) -> None:
    assert neutralised(f"{before}{sign}SUM(1+1)*2") == f"{before}'{sign}SUM(1+1)*2"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("printer;=SUM(1+1);+2,-3", "printer;'=SUM(1+1);'+2,'-3"),
        ("\tx", "'\tx"),
        ("\n=1", "'\n'=1"),
        ("a=b", "a=b"),
        ("1+1", "1+1"),
        ("a, -b", "a, -b"),
        ("x@example.com", "x@example.com"),
        ("", ""),
        ("TKT-2026-000001", "TKT-2026-000001"),
        ("'=1", "'=1"),
    ],
)
def test_everything_else_is_let_be(cell: str, written: str) -> None:
    assert neutralised(cell) == written


def test_every_cell_is_looked_at() -> None:
    assert b"".join(csv_lines([["a", "=1"], ["x;=2", "b"]])).decode("utf-8-sig") == "a,'=1\r\nx;'=2,b\r\n"
