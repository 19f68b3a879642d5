"""What people do with comments. Each is one transaction, on a live ticket, which stays as it is.

Raises TicketNotFound where the person may not see the ticket, or somebody has deleted it meanwhile, and CommentNotFound
for a comment that does not exist or was removed. Nothing here changes the ticket or its version.
What a comment does in the course of asking stands in tickets/asking/course.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.idempotency.forms import made_once
from accounts.idempotency.keys import KeyName
from accounts.models import User
from config import clock
from tickets.asking import course
from tickets.asking.errors import QuestionNotWaiting
from tickets.attachments.removing import remove_with_comment
from tickets.comments import permissions, rendering
from tickets.comments.errors import CommentNotFound, NotYourComment
from tickets.comments.models import Comment, CommentText, CommentVersion, Mention
from tickets.comments.naming import people_in
from tickets.errors import TicketNotFound
from tickets.inbox import telling
from tickets.models import Ticket
from tickets.review.aside import wake
from tickets.search import folding
from tickets.sharing import share_live_tickets
from tickets.texts.characters import unix_lines
from tickets.uploads.claiming import claim

FORM = "form of a comment"

# No two texts of a comment have the same time, by which the database tells that there is another.
_MOMENT = timedelta(milliseconds=1)


def add_comment(user: User, ticket_id: uuid.UUID, *, text: str, is_question: bool = False) -> Comment:
    """A new comment of this person, in Markdown of 1 to COMMENT_LENGTH characters, which may name people."""
    text = unix_lines(text)
    made = _Made.of(text)
    with transaction.atomic():
        return _add(user, ticket_id, text, made, is_question=is_question)


def add_comment_once(
    user: User,
    key: uuid.UUID,
    ticket_id: uuid.UUID,
    *,
    text: str,
    is_question: bool = False,
    uploads: Collection[uuid.UUID] = (),
) -> Comment:
    """As add_comment, but the comment that this person made with the same key, removed or not, where there is one.

    What of `uploads` waits of this person is attached to the new one. Raises TooLarge where the ticket has no room.
    """
    name, text = KeyName(FORM, key.hex, user.pk), unix_lines(text)
    made = _Made.of(text)

    def add() -> Comment:
        comment = _add(user, ticket_id, text, made, is_question=is_question)
        claim(user, uploads, ticket_id, comment)
        return comment

    return made_once(name, Comment, add)


def edit_comment(user: User, comment_id: uuid.UUID, *, text: str) -> Comment:
    """Give one's own comment another text; the one before is kept. The same text changes nothing.

    Raises NotYourComment.
    """
    text = unix_lines(text)
    made = _Made.of(text)
    with transaction.atomic():
        comment = _lock(user, comment_id)
        if not permissions.can_edit(user, comment):
            raise NotYourComment
        if text == comment.text:
            return comment
        _keep_text(comment)
        comment.text, comment.html, comment.rendering = text, made.html, rendering.RENDERING
        comment.edited_at = clock.Present(not_before=_written_at(comment) + _MOMENT)
        comment.save(update_fields=["text", "html", "rendering", "edited_at"])
        CommentText.objects.filter(comment=comment).update(text=made.folded, folding=folding.FOLDING)
        _forget_names(comment)
        _name(comment, made.named)
        telling.tell_who_is_named(comment, made.named)
        course.play(course.part_of(user, comment.ticket_id, is_question=False), comment)
        wake(comment.ticket_id, user)
        return comment


@transaction.atomic
def withdraw_question(user: User, comment_id: uuid.UUID) -> Comment:
    """The draft waits for the answer to one's own question no longer; the comment stays as it is.

    Raises NotYourComment, and QuestionNotWaiting where the draft does not wait for this answer (any more).
    """
    comment = _lock(user, comment_id)
    if comment.author_id != user.pk:
        raise NotYourComment
    if not course.withdraw(comment):
        raise QuestionNotWaiting
    return comment


@transaction.atomic
def remove_comment(user: User, comment_id: uuid.UUID) -> Comment:
    """Take a comment's text away, by its author or a manager; a place remains, and who did it is kept.

    What it said goes to its earlier texts, which only managers can read from then on; what is attached to it goes as
    well. Raises NotYourComment.
    """
    comment = _lock(user, comment_id)
    if not permissions.can_remove(user, comment):
        raise NotYourComment
    _keep_text(comment)
    comment.text = comment.html = ""
    comment.removed_at = clock.Present(not_before=_written_at(comment))
    comment.removed_by = user
    comment.save(update_fields=["text", "html", "removed_at", "removed_by"])
    CommentText.objects.filter(comment=comment).delete()
    _forget_names(comment)
    telling.forget_comment(comment)
    remove_with_comment(comment, user)
    course.withdraw(comment)
    return comment


def comment_for(user: User, comment_id: uuid.UUID) -> Comment:
    """The comment, removed or not, for who may see its ticket."""
    comment = Comment.objects.filter(pk=comment_id).first()
    if comment is None:
        raise CommentNotFound
    if not Ticket.objects.visible_to(user).live().filter(pk=comment.ticket_id).exists():
        raise TicketNotFound
    return comment


@dataclass(frozen=True, slots=True)
class _Made:
    """What is made of a text, before anything is locked."""

    html: str
    named: list[User]
    folded: str

    @classmethod
    def of(cls, text: str) -> _Made:
        rendered = rendering.render(text, people_in(text))
        return cls(rendered.html, rendered.named, folding.fold(text))


def _add(user: User, ticket_id: uuid.UUID, text: str, made: _Made, *, is_question: bool) -> Comment:
    share_live_tickets(user, ticket_id)
    part = course.part_of(user, ticket_id, is_question=is_question)
    comment = Comment.objects.create(
        ticket_id=ticket_id,
        author=user,
        text=text,
        html=made.html,
        rendering=rendering.RENDERING,
        is_question=is_question,
        created_at=clock.Present(),
    )
    CommentText.objects.create(comment=comment, text=made.folded, folding=folding.FOLDING)
    _name(comment, made.named)
    telling.tell_of_comment(comment, made.named)
    course.play(part, comment)
    wake(ticket_id, user)
    return comment


def _name(comment: Comment, people: list[User]) -> None:
    mentions = [Mention(comment=comment, ticket_id=comment.ticket_id, person=person) for person in people]
    Mention.objects.bulk_create(mentions)


def _forget_names(comment: Comment) -> None:
    Mention.objects.filter(ticket=comment.ticket_id, comment=comment).delete()


def _lock(user: User, comment_id: uuid.UUID) -> Comment:
    """The comment with its row locked to the end of the transaction. Its ticket, which never changes, comes first."""
    ticket_id = Comment.objects.filter(pk=comment_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise CommentNotFound
    share_live_tickets(user, ticket_id)
    comment = Comment.objects.select_for_update().get(pk=comment_id)
    if comment.removed_at is not None:
        raise CommentNotFound
    return comment


def _keep_text(comment: Comment) -> None:
    CommentVersion.objects.create(comment=comment, text=comment.text, written_at=_written_at(comment))


def _written_at(comment: Comment) -> datetime:
    return comment.edited_at or comment.created_at
