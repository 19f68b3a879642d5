"""A browser, and the desk that it visits: the application in this process, on the test database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.stage import Stage, set_stage
from tests.browser.visits import ARGUMENTS, Visit, chromium
from tests.support.patience import PATIENCE

# Whole days of work. What the browser does with a page once it has it does not depend on the database.
ON_BOTH_DATABASES = {"test_days.py", "test_exchange.py", "test_without_javascript.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.chromium)
            item.add_marker(pytest.mark.urls("tests.support.broken_desk"))
            if item.path.name not in ON_BOTH_DATABASES:
                item.add_marker(pytest.mark.one_database)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    # Playwright runs an event loop in this thread, which Django takes for a view that must not wait for a database.
    # To it this thread is another one from here on; the connection of before would be left open until the end.
    connections.close_all()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        yield playwright
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(without_windows=True), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Visit]:
    visit = Visit(browser, live_server.url)
    yield visit
    visit.close()


@pytest.fixture
def stage(live_server: Any) -> Stage:
    """`live_server` first, since it empties the database after the test."""
    return set_stage()
