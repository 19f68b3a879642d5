import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0040_mail_claim"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="question",
                        serialize=False,
                        to="tickets.comment",
                    ),
                ),
                ("waits_until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ANSWERED", "answered"),
                            ("WITHDRAWN", "withdrawn"),
                            ("DECIDED", "decided without an answer"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_past", models.BooleanField(default=False)),
                (
                    "asker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("is_past", False)), fields=["ticket"], name="question_of_draft"),
                    models.Index(condition=models.Q(("is_past", False)), fields=["asker"], name="question_of_asker"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ending", "")),
                            models.Q(("ended_at__isnull", False), ("ending__in", ["ANSWERED", "WITHDRAWN", "DECIDED"])),
                            _connector="OR",
                        ),
                        name="question_ends_by_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__lte", models.F("waits_until")), _connector="OR"
                        ),
                        name="question_ends_before_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ending", "DECIDED"), _negated=True), ("is_past", True), _connector="OR"
                        ),
                        name="question_past_once_decided",
                    ),
                ],
            },
        ),
    ]
