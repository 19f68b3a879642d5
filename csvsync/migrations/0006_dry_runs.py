"""The field that says whether an import was a dry run gets the name that pages, API and docs use.

Its column and the constraints stay as they are, so the database has nothing to do.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("csvsync", "0005_trouble")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("run", "run_applies_as_import"),
                migrations.RemoveConstraint("run", "run_rehearsal_is_import"),
                migrations.RenameField("run", "rehearsal", "dry_run"),
                migrations.AlterField(
                    "run",
                    "dry_run",
                    models.BooleanField(db_column="rehearsal", default=False, verbose_name="dry run"),
                ),
                migrations.AddConstraint(
                    "run",
                    models.CheckConstraint(
                        name="run_applies_as_import", condition=Q(applies=None) | Q(kind="IMPORT", dry_run=False)
                    ),
                ),
                migrations.AddConstraint(
                    "run",
                    models.CheckConstraint(
                        name="run_rehearsal_is_import", condition=Q(dry_run=False) | Q(kind="IMPORT")
                    ),
                ),
            ],
        ),
    ]
