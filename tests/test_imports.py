"""What tests share stands in tests/support: no test module, and no bench, imports a test module.

An import would run another file's tests twice where a name begins with `test_`, hands over fixtures and marks unseen,
and makes a file of tests something that cannot be renamed or thrown away.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.support.imports import module_of, names_imported, our_files
from tests.support.server import ROOT

pytestmark = pytest.mark.no_database


def is_test_module(name: str) -> bool:
    """Whether any part of the name is that of a test module; the last part may be a name in it."""
    return any(part.startswith("test_") or part == "conftest" for part in name.split("."))


@cache
def all_test_modules() -> frozenset[str]:
    return frozenset(module for module in map(module_of, our_files()) if is_test_module(module))


def imports_of_test_modules(source: str, path: str) -> list[str]:
    found = names_imported(source, Path(path))
    return [f"{path}:{line} {name}" for line, name in found if {name, name.rpartition(".")[0]} & all_test_modules()]


def test_nothing_imports_a_test_module() -> None:
    files = our_files()
    assert len([file for file in files if is_test_module(file.stem)]) > 90, "the files are not found"
    assert [
        found for file in files for found in imports_of_test_modules((ROOT / file).read_text(), file.as_posix())
    ] == []


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("from csvsync.tests.test_kills import kill", "csvsync/tests/test_at_once.py"),
        ("from csvsync.tests import test_kills", "bench/exchange.py"),
        ("import csvsync.tests.test_kills as kills", "tests/support/cycles.py"),
        ("from .test_kills import kill", "csvsync/tests/test_at_once.py"),
        ("from . import test_kills", "csvsync/tests/test_at_once.py"),
        ("from ...csvsync.tests.test_kills import kill", "tickets/tests/test_races.py"),
        ("from tests.browser.conftest import visit", "tests/browser/scenes.py"),
        ("import conftest", "tests/support/plugin.py"),
        ("def test() -> None:\n    from csvsync.tests.test_kills import kill", "csvsync/tests/test_at_once.py"),
        ("if TYPE_CHECKING:\n    from csvsync.tests.test_kills import kill", "csvsync/tests/test_at_once.py"),
    ],
)
def test_an_import_of_a_test_module_would_be_found(source: str, path: str) -> None:
    assert len(imports_of_test_modules(source, path)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from django.test.utils import CaptureQueriesContext",
        "from pytest_django import Settings",
        "from tests.support.patience import wait_until",
        "from csvsync import tests",
        "'from csvsync.tests.test_kills import kill'",
    ],
)
def test_other_imports_are_none_of_its_business(source: str) -> None:
    assert imports_of_test_modules(source, "csvsync/tests/test_at_once.py") == []
