from django.db import migrations


class Migration(migrations.Migration):
    """Renames a model and nothing in the database: the table gets its present name as an explicit one first."""

    dependencies = [("tickets", "0015_events_follow")]

    operations = [
        migrations.AlterModelTable(name="rememberedview", table="tickets_rememberedview"),
        migrations.RenameModel(old_name="RememberedView", new_name="SavedView"),
    ]
