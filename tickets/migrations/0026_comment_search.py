"""The texts of comments that search reads, and on PostgreSQL a trigram index under them, as tickets have."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX tickets_commenttext_trigrams ON tickets_commenttext USING gin (text gin_trgm_ops)"
        )


class Migration(migrations.Migration):
    dependencies = [("tickets", "0025_events_of_comments")]
    operations = [
        migrations.CreateModel(
            name="CommentText",
            fields=[
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tickets.comment",
                    ),
                ),
                ("text", models.TextField()),
                ("folding", models.PositiveSmallIntegerField(null=True)),
            ],
        ),
        migrations.RunPython(index, migrations.RunPython.noop),
    ]
