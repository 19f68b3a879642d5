import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_trimming")]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=255)),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(default="", max_length=64)),
                ("claim", models.UUIDField(null=True)),
                ("process", models.JSONField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.TextField(default="")),
                ("size", models.PositiveIntegerField(default=1000)),
                ("result", models.UUIDField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["expires_at"], name="idempotencykey_expires"),
                    models.Index(fields=["person", "expires_at", "size"], name="idempotencykey_of_person"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "purpose", "key"], name="idempotencykey_one_for_each_person"
                    ),
                    models.UniqueConstraint(
                        condition=Q(person=None), fields=["purpose", "key"], name="idempotencykey_one_for_nobody"
                    ),
                    models.CheckConstraint(
                        condition=Q(claim=None, process__isnull=True, status__isnull=False, result=None)
                        | Q(claim=None, process__isnull=True, status=None, result__isnull=False)
                        | Q(
                            claim__isnull=False,
                            process__isnull=False,
                            expires_at__isnull=False,
                            status=None,
                            result=None,
                        ),
                        name="idempotencykey_claimed_or_done",
                    ),
                    models.CheckConstraint(
                        condition=Q(status=None) | Q(status__gte=200, status__lte=299),
                        name="idempotencykey_keeps_success",
                    ),
                ],
            },
        ),
    ]
