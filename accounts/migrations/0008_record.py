from django.db import migrations, models

ACTIONS = [
    ("person_created", "created"),
    ("person_changed", "changed"),
    ("person_password_set", "password set by others"),
    ("person_password_changed", "own password changed"),
    ("person_link_made", "one-time link made and shown"),
    ("person_link_mailed", "one-time link mailed to them"),
    ("person_link_used", "password set by one-time link"),
    ("signed_in", "signed in"),
    ("token_issued", "signed in by the API"),
    ("sign_ins_failed", "failed to sign in"),
    ("signed_out", "signed out"),
    ("tickets_exported", "tickets exported"),
    ("tickets_downloaded", "list of tickets downloaded"),
    ("exchange_file_downloaded", "file of the exchange downloaded"),
    ("record_downloaded", "this record downloaded"),
    ("settings_changed", "settings at a start"),
    ("record_trimmed", "old entries removed"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_counters_unlogged")]

    operations = [
        migrations.CreateModel(
            name="FailedSignIns",
            fields=[
                ("key", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("address", models.CharField(max_length=45)),
            ],
        ),
        # Django knows the choices alone; the column stays, and so do the triggers of the table on SQLite.
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(choices=ACTIONS, max_length=64, verbose_name="what"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["created_at"], name="auditentry_created"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["action", "created_at"], name="auditentry_action"),
        ),
    ]
