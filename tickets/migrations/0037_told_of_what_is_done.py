import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0036_told"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChosenWay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NAMED", "You are named"),
                            ("QUESTION", "Questions"),
                            ("ANSWER", "Answers"),
                            ("COMMENT", "Comments"),
                            ("SENT_BACK", "Sent back"),
                            ("APPROVED", "Approved"),
                            ("MOVED", "Moved by the exchange"),
                            ("DELETED", "Deleted"),
                            ("RESTORED", "Restored"),
                            ("DRAFT", "Drafts to review"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("INBOX", "Inbox"),
                            ("MAIL", "Inbox and a mail at once"),
                            ("DIGEST", "Inbox and the daily mail"),
                            ("NOWHERE", "Not at all"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="told",
            name="told_once_of_each_comment",
        ),
        migrations.RemoveConstraint(
            model_name="told",
            name="told_kind_known",
        ),
        migrations.RemoveIndex(
            model_name="told",
            name="told_newest",
        ),
        migrations.AddField(
            model_name="told",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.historyentry",
            ),
        ),
        migrations.AddField(
            model_name="told",
            name="mail_attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="told",
            name="mail_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="told",
            name="comment",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tickets.comment",
            ),
        ),
        migrations.AlterField(
            model_name="told",
            name="kind",
            field=models.CharField(
                choices=[
                    ("NAMED", "You are named"),
                    ("QUESTION", "Questions"),
                    ("ANSWER", "Answers"),
                    ("COMMENT", "Comments"),
                    ("SENT_BACK", "Sent back"),
                    ("APPROVED", "Approved"),
                    ("MOVED", "Moved by the exchange"),
                    ("DELETED", "Deleted"),
                    ("RESTORED", "Restored"),
                    ("DRAFT", "Drafts to review"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="told",
            index=models.Index(fields=["user", "created_at", "id", "kind"], name="told_newest_of_kind"),
        ),
        migrations.AddIndex(
            model_name="told",
            index=models.Index(
                condition=models.Q(("mail_due_at__isnull", False)), fields=["mail_due_at"], name="told_mail_due"
            ),
        ),
        migrations.AddIndex(
            model_name="told",
            index=models.Index(
                condition=models.Q(("is_read", False), ("kind", "DRAFT")), fields=["ticket"], name="told_drafts"
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.UniqueConstraint(
                condition=models.Q(("comment__isnull", False)),
                fields=("comment", "user"),
                name="told_once_of_each_comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entry__isnull", False)), fields=("entry", "user"), name="told_once_of_each_entry"
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("comment__isnull", False),
                        ("entry", None),
                        ("kind__in", ("NAMED", "QUESTION", "ANSWER", "COMMENT")),
                    ),
                    models.Q(
                        ("comment", None),
                        ("entry__isnull", False),
                        ("kind__in", ("SENT_BACK", "APPROVED", "MOVED", "DELETED", "RESTORED", "DRAFT")),
                    ),
                    _connector="OR",
                ),
                name="told_of_what_its_kind_says",
            ),
        ),
        migrations.AddField(
            model_name="chosenway",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="chosenway",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="chosenway_one_for_each_kind"),
        ),
        migrations.AddConstraint(
            model_name="chosenway",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "NAMED",
                            "QUESTION",
                            "ANSWER",
                            "COMMENT",
                            "SENT_BACK",
                            "APPROVED",
                            "MOVED",
                            "DELETED",
                            "RESTORED",
                            "DRAFT",
                        ],
                    )
                ),
                name="chosenway_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="chosenway",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["INBOX", "MAIL", "DIGEST", "NOWHERE"])), name="chosenway_way_known"
            ),
        ),
    ]
