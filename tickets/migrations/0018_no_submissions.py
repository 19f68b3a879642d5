from django.db import migrations


class Migration(migrations.Migration):
    """0017 has moved what was there."""

    dependencies = [("tickets", "0017_form_keys")]
    operations = [migrations.DeleteModel(name="Submission")]
