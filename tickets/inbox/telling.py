"""Telling people of what is said, in the transaction in which it is.

Who follows a ticket is told of comments on it, and so is whoever is named; nobody is told of what they said themselves.
What was done to a ticket is not written down here, since notifications.py, beside this, finds it in the history.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import OuterRef, Subquery

from accounts.models import User
from tickets.following.reading import followers_of
from tickets.inbox.models import Kind, Told
from tickets.models import Comment


def tell_of_comment(comment: Comment, named: Collection[User]) -> None:
    """Tell of a new comment, which names these people. An answer is what comes to who has said nothing since asking."""
    own = Comment.objects.filter(ticket=comment.ticket_id, author=OuterRef("pk"), removed_at=None).newest_first()
    followers = followers_of(comment.ticket_id).annotate(has_asked=Subquery(own.values("is_question")[:1]))
    kinds = {person: _kind(comment, has_asked) for person, has_asked in followers.values_list("pk", "has_asked")}
    _tell(comment, kinds | {person.pk: Kind.NAMED for person in named}, comment.created_at)


def tell_who_is_named(comment: Comment, named: Collection[User]) -> None:
    """Tell of an edited comment whom it names and who was not told of it before."""
    if named and comment.edited_at:
        _tell(comment, {person.pk: Kind.NAMED for person in named}, comment.edited_at)


def forget_comment(comment: Comment) -> None:
    Told.objects.filter(comment=comment).delete()


def _kind(comment: Comment, has_asked: bool | None) -> Kind:
    if comment.is_question:
        return Kind.QUESTION
    return Kind.ANSWER if has_asked else Kind.COMMENT


def _tell(comment: Comment, kinds: Mapping[uuid.UUID, Kind], at: datetime) -> None:
    people = sorted(kinds.keys() - {comment.author_id})
    told = [
        Told(user_id=person, ticket_id=comment.ticket_id, comment=comment, kind=kinds[person], created_at=at)
        for person in people
    ]
    Told.objects.bulk_create(told, ignore_conflicts=True)
