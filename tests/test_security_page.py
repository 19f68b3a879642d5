"""docs/security.md names for each line of defence a test that is there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.support.server import ROOT

pytestmark = pytest.mark.no_database

PAGE = ROOT / "docs/security.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def lines_of_defence() -> list[str]:
    """The rows of the tables, without their heads."""
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [row for row in rows if not row.endswith("| shown by |")]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_line_names_a_test_that_exists() -> None:
    lines = lines_of_defence()
    assert len(lines) > 30
    assert [line for line in lines if not NAMED.search(line.split(" | ")[-1])] == []


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE.read_text())
    assert len(named) > 50
    assert [(file, name) for file, name in named if not (ROOT / file).is_file() or name not in functions_of(file)] == []


def test_whoever_runs_a_desk_finds_the_page() -> None:
    assert "(docs/security.md)" in (ROOT / "README.md").read_text()
