"""The order in which several processes take the tests: what mostly waits stands at the beginning of everybody's share.

pytest-xdist gives each process a share of the tests as they stand one after the other, and whoever is done takes from
the end of another's. Tests that start programs wait for most of their time, and pytest-django puts most of them last.
All of them together leave the processor idle; beside tests that reckon all the time they cost little.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

import pytest

# Of the modules that start or talk to other programs: one that has anything of theirs does so too.
STARTING = ("installation", "managepy", "processes", "programs", "served", "server", "sockets")


def in_shares(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests in the order for as many processes as there are; as they are where there is one."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return items
    modules: dict[Path, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    waiting = [module for module in modules.values() if _waits(module[0])]
    reckoning = chain.from_iterable(module for module in modules.values() if not _waits(module[0]))
    size = -(-len(items) // workers)
    shares = [_joined(waiting[worker::workers]) for worker in range(workers)]
    for share in shares:
        share += islice(reckoning, max(0, size - len(share)))
    return [*_joined(shares), *reckoning]


def _waits(item: pytest.Item) -> bool:
    names = vars(item.module)  # type: ignore[attr-defined]  # all tests are functions of modules
    theirs = {f"tests.support.{name}" for name in STARTING}
    return bool(item.get_closest_marker("chromium")) or any(
        getattr(value, "__module__", None) in theirs for value in names.values()
    )


def _joined(lists: Iterable[list[pytest.Item]]) -> list[pytest.Item]:
    return list(chain.from_iterable(lists))
