"""What every pytest run needs before Django starts: a database of its own and an environment without surprises.

`pytest` runs on SQLite, `pytest --database=postgresql` on PostgreSQL; `./dev test` does one after the other. The
machine's variables and its `.env` are left out, so that the suite means the same everywhere.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import ready
from tests.support.databases.postgres import NoPostgres, throwaway_cluster
from tests.support.shares import in_shares

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
# Markers of tests that need a program, each with the names it goes by; the marker is also its Debian package.
PROGRAMS = {
    "curl": ("curl",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "openssl": ("openssl",),
    "pgbouncer": ("pgbouncer", "/usr/sbin/pgbouncer"),
}
NO_DATABASE = "no_database"  # the marker of tests that would do the same on the other database
ONE_DATABASE = "one_database"  # the marker of tests that ask one, and are about what comes after it
DATABASE_FIXTURES = {"db", "transactional_db", "database_url", "live_server"}
LONG_SECONDS = 3600  # the time limit of a single test with --long; pyproject.toml has that of the usual run
left_out = pytest.StashKey[dict[str, int]]()


def product_variables() -> list[str]:
    """The variables that the product reads, as `.env.example` lists them."""
    return re.findall(r"^(?:# ?)?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def missing_program(marker: str) -> bool:
    return not any(shutil.which(name) for name in PROGRAMS[marker])


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("Service Ticket")
    group.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="which one to run on")
    group.addoption("--long", action="store_true", help="run the long version of tests that have one")
    group.addoption("--counts-file", type=Path, help="write how many tests passed, failed and so on, as JSON")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    """Runs before pytest-django reads the settings. Workers inherit what the first process has arranged."""
    known = early_config.known_args_namespace
    if "PYTEST_XDIST_WORKER" not in os.environ and not known.help and not known.version:
        _prepare_environment(known.database)
    elif worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # A test that looks at what is kept there sees nothing of what others keep at the same time.
        os.environ["ATTACHMENT_STORAGE"] += f"/{worker}"
    return (yield)


def _prepare_environment(database: str) -> None:
    server = os.environ.get("DATABASE_URL_TEST", "")
    for name in product_variables():
        os.environ.pop(name, None)
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    # Where nothing compiled may be kept, each of the hundreds of processes that the tests start compiles the product.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    cleanup = ExitStack()
    atexit.register(cleanup.close)
    for name in ("CSV_STORAGE", "ATTACHMENT_STORAGE"):
        os.environ[name] = cleanup.enter_context(tempfile.TemporaryDirectory(prefix=f"{name.lower()}-"))
    os.environ["DATABASE_URL"] = _database_url(database, server, cleanup)
    folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="ready-"))
    os.environ[ready.FOLDER] = folder
    if not server or database == "sqlite":
        cleanup.enter_context(ready.migrating(os.environ["DATABASE_URL"], Path(folder)))

    from config import env  # only now: it reads a `.env` at its import unless that has been forbidden above

    env.make_throwaway_secrets()


def _database_url(database: str, server: str, cleanup: ExitStack) -> str:
    """The place where databases of this run are made; a server or folder of our own goes away with this process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if database == "sqlite":
        return f"sqlite:///{cleanup.enter_context(tempfile.TemporaryDirectory(prefix='sqlite-'))}/unused.sqlite3"
    if server:
        return server
    try:
        # What it knows of its tables must not depend on when it last looked at them by itself.
        return cleanup.enter_context(throwaway_cluster(autovacuum=False)).url()
    except NoPostgres as error:
        raise pytest.UsageError(str(error)) from None


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(20_000, 20, 20)  # thousands of tests are much to look through again and again
    config.addinivalue_line("markers", f"{NO_DATABASE}: asks no database, so it runs with the suite on SQLite alone")
    config.addinivalue_line("markers", f"{ONE_DATABASE}: runs with the suite on SQLite alone, but for --long")
    for marker in PROGRAMS:
        config.addinivalue_line("markers", f"{marker}: needs the program; left out where it is missing, but not in CI")
    config.stash[left_out] = dict.fromkeys(PROGRAMS, 0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.long:
        for item in items:
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(LONG_SECONDS))
    if config.option.database != "sqlite":
        _leave_out(config, items, NO_DATABASE)
        if not config.option.long:
            _leave_out(config, items, ONE_DATABASE)
    if os.environ.get("CI") != "true":
        for marker in filter(missing_program, PROGRAMS):
            config.stash[left_out][marker] += _leave_out(config, items, marker)
    items[:] = in_shares(items)


def _leave_out(config: pytest.Config, items: list[pytest.Item], marker: str) -> int:
    """How many were left out."""
    out = [item for item in items if item.get_closest_marker(marker)]
    items[:] = [item for item in items if not item.get_closest_marker(marker)]
    config.hook.pytest_deselected(items=out)
    return len(out)


def pytest_collection_finish() -> None:
    gc.freeze()  # what is there now stays to the end


def pytest_runtest_setup(item: pytest.Item) -> None:
    asks = item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    if asks and item.get_closest_marker(NO_DATABASE):
        pytest.fail(f"asks a database, so it must not be marked {NO_DATABASE}", pytrace=False)
    for marker in PROGRAMS:
        if item.get_closest_marker(marker) and missing_program(marker):
            pytest.fail(f"{marker} is missing: apt-get install {marker}", pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each xdist worker collects everything, so the report of any of them will do."""
    node.config.stash[left_out] = getattr(node, "workeroutput", {}).get("left_out") or node.config.stash[left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for marker, count in config.stash[left_out].items():
        if count:
            terminalreporter.write_line(f"{marker} is missing; tests left out: {count} (apt-get install {marker})")
    if config.option.counts_file:
        counts = {outcome: len(terminalreporter.stats.get(outcome, [])) for outcome in OUTCOMES}
        config.option.counts_file.write_text(json.dumps(counts))
