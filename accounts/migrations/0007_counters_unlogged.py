"""Leaves the counters of limits out of PostgreSQL's log of changes: they are written often, and nobody misses them.

After a crash, and on a standby, the table is empty or cannot be read; then nobody is refused.
"""

from typing import Any

from django.db import migrations


def leave_out(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE accounts_ratecounter SET UNLOGGED")


def take_in(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE accounts_ratecounter SET LOGGED")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_rate_counters")]
    operations = [migrations.RunPython(leave_out, take_in)]
