"""People get names. On SQLite the table of people is made anew, which loses its trigger, so that is created again."""

from importlib import import_module
from typing import Any

from django.db import migrations, models
from django.db.models import Q

import accounts.naming.names

TRIGGER: str = import_module("accounts.migrations.0004_acts_triggers").RENEW_STAMP_SQLITE


def renew_trigger(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS accounts_user_renew_stamp", None)
        schema_editor.execute(TRIGGER, None)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_words_of_the_record")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, renew_trigger),
        migrations.AddField(
            model_name="user",
            name="name",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="As others see it. Where there is none, one is made of the e-mail.",
                max_length=100,
                validators=[accounts.naming.names.validate_name],
                verbose_name="name",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="folded_name",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(name="", folded_name="") | (~Q(name="") & ~Q(folded_name="")),
                name="user_name_folded",
            ),
        ),
        migrations.RunPython(renew_trigger, migrations.RunPython.noop),
    ]
