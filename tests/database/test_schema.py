"""What the database holds by itself is there after every migration, on both databases.

SQLite changes a table by making it anew, and forgets the triggers of the old one. So each migration is applied by
itself to a database of its own, and nothing may be gone afterwards that it does not mean to remove.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.support.databases.schema import CONSTRAINTS_AND_INDEXES, ONLY_ON, TRIGGERS
from tests.support.server import ROOT, server_environment

WALK = """
import gc, json, django
gc.disable()
django.setup()
from django.db import connection
from tests.support.databases.rendering import Executor

def held():
    with connection.cursor() as cursor:
        cursor.execute("SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('trigger', 'index')")
        return dict(cursor.fetchall())

steps, executor, state = [], Executor(connection), None
for migration, backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
    state = executor.migrate([], plan=[(migration, backwards)], state=state)
    steps.append([f"{migration.app_label}.{migration.name}", held()])
print(json.dumps(steps))
"""
OUR_APPS = ("accounts.", "tickets.", "csvsync.", "triage.")  # what comes from elsewhere has tables of its own
# What a migration means to remove or to make otherwise.
MEANT = {
    "tickets.0005_inbox_indexes": {"index tickets_ticket_created_by_id_c418a145"},
    "accounts.0009_trimming": {"trigger accounts_record_no_delete"},  # made anew, for what may go
    "tickets.0018_no_submissions": {"index tickets_submission_user_id_9b5aa6b9"},
    "tickets.0037_told_of_what_is_done": {"index told_newest"},
    "csvsync.0008_no_run_keys": {"index run_one_for_each_key"},
    "accounts.0003_acts_on_people": {"trigger accounts_user_renew_stamp"},  # 0004 makes it anew, with less to watch
    "tickets.0033_events_of_attachments": {"trigger tickets_event_no_change"},  # made anew, with a column more to watch
}


@pytest.mark.no_database
def test_no_migration_loses_a_trigger_or_an_index_on_sqlite(tmp_path: Path) -> None:
    environment = server_environment(f"sqlite:///{tmp_path}/walk.sqlite3", DJANGO_SETTINGS_MODULE="config.settings")
    ended = subprocess.run([sys.executable, "-c", WALK], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    lost, before = {}, dict[str, str | None]()
    for step, held in json.loads(ended.stdout):
        gone = {name for name, sql in before.items() if held.get(name, "") != sql and not is_automatic(name)}
        if gone and step.startswith(OUR_APPS):
            lost[step] = gone
        before = held
    assert lost == MEANT
    assert {name.removeprefix("trigger ") for name in before if name.startswith("trigger ")} == TRIGGERS["sqlite"]


def is_automatic(name: str) -> bool:
    """An index that SQLite makes for a unique column, numbered by itself."""
    return name.startswith("index sqlite_autoindex_")


@pytest.mark.django_db
def test_the_triggers_are_these() -> None:
    queries = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        assert {name for [name] in cursor.fetchall()} == TRIGGERS[connection.vendor]


NAMED = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type IN ('table', 'index')",
    "postgresql": """
        SELECT tablename, indexname, '' FROM pg_indexes WHERE schemaname = current_schema()
        UNION SELECT conrelid::regclass::text, conname, '' FROM pg_constraint WHERE contype IN ('c', 'u')
    """,
}


@pytest.mark.django_db
def test_the_constraints_and_indexes_are_these() -> None:
    """Those of the product that have names of their own; Django begins with the table's where it makes one up."""
    with connection.cursor() as cursor:
        cursor.execute(NAMED[connection.vendor])
        rows = [row for row in cursor.fetchall() if row[0].startswith(OURS)]
    named = {name for table, index, sql in rows for name in [index, *re.findall(r'CONSTRAINT "(\w+)"', sql or "")]}
    tables = tuple(table for table, _name, _sql in rows)
    assert {name for name in named if not name.startswith((*tables, "sqlite_"))} == CONSTRAINTS_AND_INDEXES | (
        ONLY_ON[connection.vendor]
    )


OURS = ("accounts_", "tickets_", "csvsync_", "triage_")
