"""That mails are refused is a kind of entry of the record; nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_no_times_of_the_inbox"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("person_created", "person created"),
                    ("person_changed", "person changed"),
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
                    ("mail_refused", "mail refused by the mail server"),
                ],
                max_length=64,
                verbose_name="what",
            ),
        ),
    ]
