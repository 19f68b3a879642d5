"""Who may do what with a given comment. Whoever may see a ticket may read and write comments on it."""

from __future__ import annotations

from accounts.models import User
from tickets.comments.models import Comment


def can_edit(user: User, comment: Comment) -> bool:
    return comment.author_id == user.pk


def can_remove(user: User, comment: Comment) -> bool:
    return user.is_manager or comment.author_id == user.pk


def can_read_versions(user: User, comment: Comment) -> bool:
    """Earlier texts are for everybody; of a comment that was removed, for managers."""
    return user.is_manager or comment.removed_at is None
