"""Fixtures for every test, and the settings that differ from production."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

import config.settings
from tests.support import leftovers
from tests.support.databases import ready
from tests.support.databases.flush import (
    delete_while_flushing,
    keep_what_migrating_makes,
    lift_triggers_while_flushing,
)

# How long an example takes depends on what else the machine has to do.
hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")

# Hashing as slow as production's would take most of the suite's time.
TEST_SETTINGS = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher", *config.settings.PASSWORD_HASHERS],
    # Whether somebody has collected the static files here must not matter.
    "STORAGES": {
        **config.settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
    "STATIC_ROOT": Path(tempfile.gettempdir()) / "no-collected-static-files",
    "WHITENOISE_USE_FINDERS": True,
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
    "WHITENOISE_AUTOREFRESH": True,  # or every test client would look through all static files
}


@pytest.fixture(scope="session", autouse=True)
def _test_settings() -> Iterator[None]:
    with override_settings(**TEST_SETTINGS):
        yield


@pytest.fixture(scope="session", autouse=True)
def _database_travels_along() -> Iterator[None]:
    """While a test travels in time, PostgreSQL tells that time as well. (SQLite asks this process.)"""

    def tell(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if time_machine.escape_hatch.is_travelling() and isinstance(sql, str):
            sql = sql.replace("statement_timestamp()", f"timestamptz '{timezone.now().isoformat()}'")
        return execute(sql, params, many, context)

    def teach(connection: Any, **more: Any) -> None:
        if connection.vendor == "postgresql" and tell not in connection.execute_wrappers:
            connection.execute_wrappers.append(tell)

    connection_created.connect(teach)
    yield
    connection_created.disconnect(teach)


@pytest.fixture
def production_hashing() -> Iterator[None]:
    """Hash as in production: for tests of hashing itself and of its time."""
    with override_settings(PASSWORD_HASHERS=config.settings.PASSWORD_HASHERS):
        yield


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether to run the long version, asked for by `--long`."""
    return bool(request.config.getoption("--long"))


# A statement of a test that takes longer has a plan that collapsed, or waits for a lock that nobody gives back.
STATEMENT_SECONDS = 200


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, long_run: bool) -> None:
    """A file for each worker on SQLite, so that threads and other processes can take part.

    On PostgreSQL what is append-only refuses TRUNCATE, which empties tables between tests where much stands in them;
    the connections of the tests may, those of the programs that they start may not. Where tables are emptied by DELETE,
    tests/support/databases/flush.py lifts the triggers that long.
    """
    database = settings.DATABASES["default"]
    if "sqlite3" in database["ENGINE"]:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        file = Path(database["NAME"]).with_name(f"{worker}.sqlite3")
        database["TEST"]["NAME"] = str(file)
        ready.wait_until_migrated()
        ready.copy_database(ready.migrated_file(), file)
        lift_triggers_while_flushing()
    else:
        options = database["OPTIONS"]
        settings_of_session = "-c service_ticket.allow_truncate=on"
        if not long_run:
            settings_of_session += f" -c statement_timeout={STATEMENT_SECONDS}s"
        options["options"] = f"{options.get('options', '')} {settings_of_session}".strip()
        options["application_name"] = leftovers.own_name()
        delete_while_flushing()
        if ready.wait_until_migrated():
            database["TEST"]["TEMPLATE"] = ready.MIGRATED


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A copy that is there already is taken up. Nothing is kept: the folder of a run goes with it."""
    return "sqlite3" in settings.DATABASES["default"]["ENGINE"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """No session of a test is in the way when the database is dropped; the test that left it has failed by then."""
    with django_db_blocker.unblock():
        keep_what_migrating_makes()
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            leftovers.end_sessions()


def is_transactional(request: pytest.FixtureRequest) -> bool:
    """Whether others can see what the test writes, so that they may have a part in it."""
    marker = request.node.get_closest_marker("django_db")
    asked_for = {"transactional_db", "live_server"} & set(request.fixturenames)
    return bool(asked_for or (marker and marker.kwargs.get("transaction")))


@pytest.fixture(autouse=True)
def _nothing_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Looked at before the tables are emptied, which would wait for whoever is still there."""
    shared = is_transactional(request)
    if shared:
        request.getfixturevalue("transactional_db")
    sessions = shared and connection.vendor == "postgresql"
    watch = leftovers.Watch(sessions=sessions)
    yield
    if left := watch.left_after_a_while():
        if sessions:
            leftovers.end_sessions()
        pytest.fail("outlives its test: " + "; ".join(left), pytrace=False)


@pytest.fixture(scope="session")
def database_address(django_db_setup: None) -> str:
    """DATABASE_URL of the test database, for what serves a whole module.

    With DATABASE_POOL=0 a server has no session between two requests, which would be in the way of emptying the tables.
    """
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def database_url(transactional_db: None, database_address: str) -> str:
    """The same for programs that a test starts; they see what the test has committed."""
    return database_address
