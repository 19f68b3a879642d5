"""docs/api.md lists every code that an error can carry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config import urls  # noqa: F401 - between them they bring every app's errors along
from config.errors import DomainError
from config.site import health  # noqa: F401 - between them they bring every app's errors along
from tests.support.server import ROOT


def kinds(error: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds(kind)


def test_every_code_is_listed_with_its_status() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", (ROOT / "docs/api.md").read_text(), re.MULTILINE))
    assert {kind.code: str(int(kind.status)) for kind in kinds()} == listed
