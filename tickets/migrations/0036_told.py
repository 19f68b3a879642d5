import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0035_mentions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Told",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NAMED", "named you"),
                            ("QUESTION", "asked a question"),
                            ("ANSWER", "answered you"),
                            ("COMMENT", "commented"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("is_read", models.BooleanField(default=False)),
                (
                    "comment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.comment",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "created_at", "id"], name="told_newest"),
                    models.Index(condition=models.Q(("is_read", False)), fields=["user", "ticket"], name="told_unread"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("comment", "user"), name="told_once_of_each_comment"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["NAMED", "QUESTION", "ANSWER", "COMMENT"])),
                        name="told_kind_known",
                    ),
                ],
            },
        ),
    ]
