import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0031_canned_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                ("content_type", models.CharField(max_length=100, verbose_name="type")),
                ("size", models.BigIntegerField(verbose_name="bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("preview_width", models.PositiveSmallIntegerField(null=True)),
                ("preview_height", models.PositiveSmallIntegerField(null=True)),
                ("created_at", models.DateTimeField(verbose_name="attached")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="attached by",
                    ),
                ),
            ],
            options={
                "verbose_name": "upload",
                "verbose_name_plural": "uploads",
                "abstract": False,
                "indexes": [models.Index(fields=["created_at"], name="upload_by_age")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="upload_size_from_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length("file_name"), 0)
                        ),
                        name="upload_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.Exact(django.db.models.functions.text.Length("sha256"), 64)
                        ),
                        name="upload_sha256_length",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("preview_height", None), ("preview_width", None)),
                            models.Q(
                                ("preview_height__gte", 1),
                                ("preview_height__isnull", False),
                                ("preview_width__gte", 1),
                                ("preview_width__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="upload_preview_has_both_sides",
                    ),
                ],
            },
        ),
    ]
