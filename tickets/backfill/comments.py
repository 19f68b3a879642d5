"""Comments that lie in the past, for tickets that do: demo data, and data that is moved in from elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched

from django.db import transaction

from accounts.models import User
from tickets.backfill.writing import BATCH
from tickets.comments import rendering
from tickets.comments.naming import people_in
from tickets.comments.rendering import Rendered
from tickets.models import Comment, CommentText, Mention, Ticket
from tickets.search import folding


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """`text` is Markdown that a comment may have, `created_at` not before its ticket was."""

    ticket: Ticket
    author: User
    text: str
    created_at: datetime
    is_question: bool = False
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@transaction.atomic
def backfill_comments(records: Iterable[CommentRecord]) -> int:
    """Write them; how many they were. Triggers of the database tell of each as of a new one."""
    count = 0
    for batch in batched(records, BATCH):
        rendered = [rendering.render(record.text, people_in(record.text)) for record in batch]
        comments = Comment.objects.bulk_create(map(_row, batch, rendered))
        Mention.objects.bulk_create(
            Mention(comment=comment, ticket_id=comment.ticket_id, person=person)
            for comment, made in zip(comments, rendered, strict=True)
            for person in made.named
        )
        texts = (folding.fold(comment.text) for comment in comments)
        CommentText.objects.bulk_create(
            CommentText(comment=comment, text=text, folding=folding.FOLDING)
            for comment, text in zip(comments, texts, strict=True)
        )
        count += len(comments)
    return count


def _row(record: CommentRecord, rendered: Rendered) -> Comment:
    return Comment(
        id=record.id,
        ticket=record.ticket,
        author=record.author,
        text=record.text,
        html=rendered.html,
        rendering=rendering.RENDERING,
        is_question=record.is_question,
        created_at=record.created_at,
    )
