"""A trigram index under the search text, on PostgreSQL; SQLite reads the texts one after another."""

from typing import Any

from django.db import migrations

CREATE = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX tickets_tickettext_trigrams ON tickets_tickettext USING gin (text gin_trgm_ops)",
]
DROP = ["DROP INDEX tickets_tickettext_trigrams"]


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in CREATE:
            schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in DROP:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_history_append_only")]
    operations = [migrations.RunPython(create, drop)]
