"""The columns that 0014 removes get defaults in the database, so that whoever undoes that can go on making people.

On SQLite the table of people is made anew, which loses its trigger, so that is created again.
"""

from importlib import import_module

import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Now

renew_trigger = import_module("accounts.migrations.0012_names").renew_trigger


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_names")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, renew_trigger),
        migrations.AlterField(
            model_name="user",
            name="wants_mail",
            field=models.BooleanField(db_default=False, default=False, verbose_name="tell me by e-mail"),
        ),
        migrations.AlterField(
            model_name="user",
            name="inbox_read_at",
            field=models.DateTimeField(db_default=Now(), default=django.utils.timezone.now, editable=False),
        ),
        migrations.AlterField(
            model_name="user",
            name="mailed_until",
            field=models.DateTimeField(db_default=Now(), default=django.utils.timezone.now, editable=False),
        ),
        migrations.RunPython(renew_trigger, migrations.RunPython.noop),
    ]
