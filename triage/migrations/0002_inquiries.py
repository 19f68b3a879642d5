from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_suggestions")]

    operations = [
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("ends_at", models.DateTimeField()),
            ],
            options={"verbose_name": "question under way", "verbose_name_plural": "questions under way"},
        ),
    ]
