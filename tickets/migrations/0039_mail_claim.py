from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0037_told_of_what_is_done"),
    ]

    operations = [
        migrations.AddField(
            model_name="told",
            name="mail_claim",
            field=models.UUIDField(null=True),
        ),
    ]
