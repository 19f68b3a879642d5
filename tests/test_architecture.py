"""docs/architecture.md says of the code what is so: its arrows are the imports that there are, its files exist."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.imports import module_of, names_imported, our_files
from tests.support.server import ROOT

pytestmark = pytest.mark.no_database

PAGE = ROOT / "docs/architecture.md"
START = ("config.serve", "config.urls", "config.wsgi", "config.management")
APPS = ("accounts", "tickets", "csvsync", "triage")
CHANGES = [
    "a new status",
    "another delimiter",
    "a new column in the export",
    "another LLM",
    "a second role",
    "a new page for managers",
    "a new error code",
    "another figure on home",
    "a field in Ticket",
    "a second external system",
]

type Arrow = tuple[str, str]


def product() -> dict[str, Path]:
    """The files of the product by module, tests and migrations aside."""
    files = [path for path in our_files() if path.parts[0] in (*APPS, "config")]
    return {module_of(path): path for path in files if not {"tests", "migrations"} & set(path.parts)}


MODULES = product()


def imported_by(source: str, path: Path) -> set[str]:
    """The product's modules that are imported; a name in a module is that module."""
    found = set()
    for _line, name in names_imported(source, path):
        module = name if name in MODULES else name.rpartition(".")[0]
        if module in MODULES:
            found.add(module)
    return found


def room_of(module: str) -> str:
    if module.split(".")[0] != "config":
        return module.split(".")[0]
    if any(f"{module}.".startswith(f"{start}.") for start in START):
        return "start"
    return "site" if f"{module}.".startswith("config.site.") else "ground"


def arrows_between_rooms() -> set[Arrow]:
    pairs = {
        (room_of(module), room_of(other))
        for module, path in MODULES.items()
        for other in imported_by((ROOT / path).read_text(), path)
    }
    return {(one, other) for one, other in pairs if one != other}


def drawings() -> list[str]:
    """Those of the rooms first, then one for each way."""
    return re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def steps(drawing: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("→")] for line in drawing.splitlines()]


def test_the_arrows_between_rooms_are_the_imports_there_are() -> None:
    drawn = {(one, other) for one, others in steps(drawings()[0]) for other in others.split(", ")}
    assert drawn == arrows_between_rooms()


def test_each_step_of_a_way_is_an_import() -> None:
    ways = drawings()[1:]
    assert len(ways) == 10
    missing = []
    for one, other in (pair for way in ways for line in steps(way) for pair in pairwise(line)):
        module = module_of(Path(other.removesuffix("/")))
        if module not in imported_by((ROOT / one).read_text(), Path(one)):
            missing.append(f"{one} → {other}")
    assert missing == []


def test_every_file_that_is_named_exists() -> None:
    page = PAGE.read_text()
    quoted = re.findall(r"`([\w.][\w./-]*)`", page)
    named = [name for name in quoted if "/" in name or Path(name).suffix]
    in_ways = [part for drawing in drawings()[1:] for line in steps(drawing) for part in line]
    linked = [f"docs/{target}" for target in re.findall(r"\]\(([^)#]+)\)", page)]
    assert (len(named) > 60, len(in_ways) > 40, len(linked) > 0) == (True, True, True), "the names are not found"
    assert [name for name in [*named, *in_ways, *linked] if not (ROOT / name).exists()] == []


def test_every_change_that_is_asked_for_names_files() -> None:
    rows = dict(re.findall(r"^\| (an?\w* [^|]+?) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE))
    assert list(rows) == CHANGES
    assert all("/" in files for files in rows.values())


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_whoever_begins_finds_the_page(document: str) -> None:
    assert "(docs/architecture.md)" in (ROOT / document).read_text()


@pytest.mark.parametrize(
    ("source", "path", "found"),
    [
        ("from tickets import actions", "config/times.py", {"tickets.actions"}),
        ("from tickets.actions import approve_ticket", "config/times.py", {"tickets.actions"}),
        ("import tickets.actions", "config/times.py", {"tickets.actions"}),
        ("from .ledger import record", "triage/suggest.py", {"triage.ledger"}),
        ("def later() -> None:\n    from tickets.models import Ticket", "config/times.py", {"tickets.models"}),
        ("import json", "config/times.py", set()),
    ],
)
def test_an_import_is_seen_however_it_is_written(source: str, path: str, found: set[str]) -> None:
    assert imported_by(source, Path(path)) == found


def test_the_rooms_are_told_apart() -> None:
    rooms = ["config.urls", "config.serve.command", "config.site.home", "config.server.task", "triage.llm.chat"]
    assert [room_of(module) for module in rooms] == ["start", "start", "site", "ground", "triage"]
