from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0039_no_read_marks"),
    ]

    operations = [
        migrations.AddField(
            model_name="told",
            name="mail_claim",
            field=models.UUIDField(null=True),
        ),
    ]
