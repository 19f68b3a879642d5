"""What managers have asked about drafts on which nobody has decided since holds as if it were asked today.

A draft waits from when it was asked about, so most of what is carried over has ended by its time already.
"""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.models import F, Max, OuterRef, Q, Subquery


def carry_over(apps: Any, schema_editor: Any) -> None:
    comments, questions = apps.get_model("tickets", "Comment"), apps.get_model("tickets", "Question")
    entries = apps.get_model("tickets", "HistoryEntry")
    # When the ticket became the draft that it is: by its creation, or by the last edit.
    drafted = entries.objects.filter(ticket=OuterRef("ticket"), action__in=["created", "edited"])
    said = comments.objects.filter(ticket=OuterRef("ticket"), author=OuterRef("ticket__created_by"))
    said = said.filter(created_at__gt=OuterRef("created_at")).order_by("created_at")
    asked = comments.objects.filter(
        ~Q(author=F("ticket__created_by")),
        is_question=True,
        removed_at=None,
        author__role="MANAGER",
        ticket__status="DRAFT",
    )
    asked = asked.annotate(
        drafted_at=Subquery(drafted.values("ticket").annotate(at=Max("created_at")).values("at")),
        answered_at=Subquery(said.values("created_at")[:1]),
    ).filter(created_at__gte=F("drafted_at"))
    columns = asked.values_list("pk", "ticket", "author", "created_at", "answered_at")
    rows = (_row(questions, *row) for row in columns.iterator(chunk_size=1000))
    questions.objects.bulk_create(rows, batch_size=1000)


def _row(questions: Any, comment: Any, ticket: Any, asker: Any, asked_at: Any, answered_at: Any) -> Any:
    until = asked_at + settings.QUESTION_WAITS
    ended = {"ended_at": answered_at, "ending": "ANSWERED"} if answered_at and answered_at <= until else {}
    return questions(comment_id=comment, ticket_id=ticket, asker_id=asker, waits_until=until, **ended)


def forget(apps: Any, schema_editor: Any) -> None:
    """The table goes with the migration before."""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0041_questions")]
    operations = [migrations.RunPython(carry_over, forget, elidable=True)]
