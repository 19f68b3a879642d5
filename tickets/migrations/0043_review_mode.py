import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_mail_refused"),
        ("tickets", "0042_carry_questions_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sitting",
            fields=[
                (
                    "manager",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                ("done", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("used_at__gte", models.F("began_at"))), name="sitting_used_after_beginning"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tickets.ticket",
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("taken_at"))), name="lease_ends_after_taking"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("SKIPPED", "Skipped"), ("SNOOZED", "Snoozed"), ("UNTIL_CHANGED", "Until Changed")],
                        max_length=16,
                    ),
                ),
                ("set_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "manager",
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
                    models.Index(
                        condition=models.Q(("kind", "UNTIL_CHANGED")), fields=["ticket"], name="setaside_until_changed"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("manager", "ticket"), name="setaside_once_by_each_manager"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "SNOOZED"), ("until__isnull", False)),
                            models.Q(("kind__in", ["SKIPPED", "UNTIL_CHANGED"]), ("until", None)),
                            _connector="OR",
                        ),
                        name="setaside_until_a_time_where_snoozed",
                    ),
                ],
            },
        ),
    ]
