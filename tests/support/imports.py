"""What Python files import, read from their text: nothing is executed, and an import inside a function counts too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.server import ROOT

OURS = ("accounts", "bench", "config", "csvsync", "tests", "tickets", "triage")


@cache
def our_files() -> tuple[Path, ...]:
    """All Python files of the repository, below its root."""
    found = [path for folder in OURS for path in (ROOT / folder).rglob("*.py")]
    return tuple(sorted(path.relative_to(ROOT) for path in [*found, *ROOT.glob("*.py")]))


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def names_imported(source: str, path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of all that is imported. `from a import b` gives a.b, since b may be a module."""
    package = path.parent.parts
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
