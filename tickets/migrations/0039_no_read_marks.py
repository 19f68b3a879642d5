from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0038_carry_notifications_over"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="readmark",
            name="readmark_one_for_each_ticket",
        ),
        migrations.RemoveConstraint(
            model_name="readmark",
            name="readmark_version_from_one",
        ),
        migrations.DeleteModel(
            name="ReadMark",
        ),
    ]
