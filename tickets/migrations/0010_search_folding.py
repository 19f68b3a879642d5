from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_totals")]
    operations = [
        # Without a default, so that neither database rewrites the table.
        migrations.AddField("tickettext", "folding", models.PositiveSmallIntegerField(null=True)),
    ]
