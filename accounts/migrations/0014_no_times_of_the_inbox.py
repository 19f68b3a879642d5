from importlib import import_module

from django.db import migrations

renew_trigger = import_module("accounts.migrations.0012_names").renew_trigger


class Migration(migrations.Migration):
    """What they were for is carried over before. Undone, on SQLite, it makes the table anew, and so its trigger."""

    dependencies = [("accounts", "0013_inbox_defaults"), ("tickets", "0038_carry_notifications_over")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, renew_trigger),
        migrations.RemoveField(model_name="user", name="inbox_read_at"),
        migrations.RemoveField(model_name="user", name="mailed_until"),
        migrations.RemoveField(model_name="user", name="wants_mail"),
    ]
