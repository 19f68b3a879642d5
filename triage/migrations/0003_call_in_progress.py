from django.db import migrations


class Migration(migrations.Migration):
    """A new name for the model alone: workers of the version before go on using the table while others are started."""

    dependencies = [("triage", "0002_inquiries")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Inquiry", "CallInProgress"),
                migrations.AlterModelTable("callinprogress", "triage_inquiry"),
            ]
        )
    ]
