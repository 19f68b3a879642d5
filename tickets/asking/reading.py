"""Which questions wait, as pages show them."""

from __future__ import annotations

from accounts.models import User
from tickets.asking.models import Question
from tickets.models import Comment, Ticket


def asked_of(user: User, *, limit: int) -> list[Question]:
    """The questions whose answer this person owes, each with its ticket, the one that has waited longest first."""
    own = Ticket.objects.visible_to(user).live().raised_by(user)
    waiting = Question.objects.of_present_draft().waiting().filter(ticket__in=own)
    waiting = waiting.select_related("ticket", "comment", "asker").defer("ticket__description", "comment__html")
    return list(waiting.order_by("comment__created_at", "pk")[:limit])


def asked_about(ticket: Ticket) -> list[Question]:
    """The questions for whose answer a ticket waits that was loaded by `with_asked`; oldest first."""
    if not ticket.is_asked:
        return []
    waiting = Question.objects.of_present_draft().waiting().filter(ticket=ticket)
    waiting = waiting.select_related("comment", "asker").defer("comment__html")
    return list(waiting.order_by("comment__created_at", "pk"))


def question_of(comment: Comment) -> Question | None:
    """The question to the author of a draft that it is, if it is one."""
    return getattr(comment, "question", None) if comment.is_question else None
