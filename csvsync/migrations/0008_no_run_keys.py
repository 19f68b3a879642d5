from django.db import migrations


class Migration(migrations.Migration):
    """0007 has moved what was there."""

    dependencies = [("csvsync", "0007_cycle_keys")]
    operations = [
        migrations.RemoveConstraint("run", "run_one_for_each_key"),
        migrations.RemoveField("run", "idempotency_key"),
    ]
