"""Comments that lie in the past, for tickets that do: demo data, and data that is moved in from elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched

from django.conf import settings
from django.db import transaction

from accounts.models import User
from tickets.asking.models import Ending, Question
from tickets.backfill.writing import BATCH
from tickets.comments import rendering
from tickets.comments.naming import people_in
from tickets.comments.rendering import Rendered
from tickets.models import Comment, CommentText, Mention, Ticket
from tickets.search import folding
from tickets.workflow import Status


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
    """Write them; how many they were. Triggers of the database tell of each as of a new one.

    Drafts wait for the answers to what managers have asked about them as they are now.
    """
    count, about_drafts = 0, list[Comment]()
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
        about_drafts += filter(_is_about_present_draft, comments)
        count += len(comments)
    Question.objects.bulk_create(_questions(about_drafts))
    return count


def _is_about_present_draft(comment: Comment) -> bool:
    return comment.ticket.status == Status.DRAFT and comment.created_at >= comment.ticket.updated_at


def _questions(comments: list[Comment]) -> Iterator[Question]:
    answers: dict[uuid.UUID, datetime] = {}  # the time of what the author of each ticket has said next
    for comment in sorted(comments, key=lambda comment: comment.created_at, reverse=True):
        if comment.author == comment.ticket.created_by:
            answers[comment.ticket_id] = comment.created_at
        elif comment.is_question and comment.author.is_manager:
            yield _question(comment, answers.get(comment.ticket_id))


def _question(comment: Comment, answered_at: datetime | None) -> Question:
    question = Question(comment=comment, ticket=comment.ticket, asker=comment.author)
    question.waits_until = comment.created_at + settings.QUESTION_WAITS
    if answered_at and answered_at <= question.waits_until:
        question.ended_at, question.ending = answered_at, Ending.ANSWERED
    return question


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
