"""What opens a question to the author of a draft, and what ends it, in the transaction of whatever does so.

A draft waits for its author's answer once somebody who could decide on it asks instead. What the author says next ends
that, as does a decision, whoever asked, or time. Nothing of it changes the ticket.

Whoever opens or ends questions takes turns on the ticket's row. A share of it, as for any comment, would not do: an
answer could then miss the question that is being asked in the same moment.
"""

from __future__ import annotations

import uuid
from enum import Enum

from django.conf import settings
from django.db.models import Case, F, Q, Value, When

from accounts.models import User
from config import clock
from tickets.asking.models import Ending, Question, QuestionQuerySet
from tickets.models import Comment, Ticket
from tickets.workflow import Status


class Part(Enum):
    """What a comment does in the course of asking."""

    ASKS = "asks the author of a draft"
    ANSWERS = "is by the author of a draft"


def part_of(user: User, ticket_id: uuid.UUID, *, is_question: bool) -> Part | None:
    """The part of a comment that this person is writing; None where it has none.

    Where it has one the ticket's row stays locked to the end of the transaction.
    """
    has_part = Q(created_by=user) if not (is_question and user.is_manager) else Q()
    drafts = Ticket.objects.live().filter(has_part, pk=ticket_id, status=Status.DRAFT)
    author = drafts.select_for_update(no_key=True).values_list("created_by", flat=True).first()
    if author is None:
        return None
    return Part.ANSWERS if author == user.pk else Part.ASKS


def play(part: Part | None, comment: Comment) -> None:
    """Open a question, or end those that wait, as `part_of` has found before the comment was written."""
    if part is Part.ASKS:
        until = comment.created_at + settings.QUESTION_WAITS
        Question.objects.create(comment=comment, ticket_id=comment.ticket_id, asker=comment.author, waits_until=until)
    elif part is Part.ANSWERS:
        _end(Question.objects.filter(ticket=comment.ticket_id), Ending.ANSWERED)


def withdraw(comment: Comment) -> bool:
    """Whether the comment was a question that still waited; it does not any more."""
    waiting = Question.objects.filter(pk=comment.pk)
    if waiting.waiting().select_for_update().first() is None:
        return False
    return _end(waiting, Ending.WITHDRAWN) > 0


def settle(ticket_id: uuid.UUID) -> None:
    """Somebody has decided on the draft: its questions are past. Call it with the ticket's row locked."""
    now = clock.Present()
    waits = Q(ended_at=None, waits_until__gt=now)
    Question.objects.of_present_draft().filter(ticket=ticket_id).update(
        is_past=True,
        ended_at=Case(When(waits, then=now), default=F("ended_at")),
        ending=Case(When(waits, then=Value(Ending.DECIDED)), default=F("ending")),
    )


def _end(questions: QuestionQuerySet, ending: Ending) -> int:
    now = clock.Present()
    return questions.waiting(now).update(ended_at=now, ending=ending)
