"""A desk to try out, made ready before the server starts."""

from __future__ import annotations

import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from config.serve.static_files import collect_static_files


def prepare_demo() -> None:
    """Migrations, static files and demo data in one process, leaving out what is done already."""
    # A single connection: a pool would wait and try again where this had better say at once what is wrong.
    settings.DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
    django.setup()
    try:
        if migrations_missing():
            call_command("migrate", interactive=False, verbosity=1)
        collect_static_files()
        call_command("demo")
    except OperationalError as error:
        sys.exit(f"The database that DATABASE_URL names does not answer: {error}")


def migrations_missing() -> bool:
    # Not at the top: a start without --demo would load it for nothing.
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
