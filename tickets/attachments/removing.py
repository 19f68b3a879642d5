"""Taking attachments away: the row stays and says who did it, and the bytes go once that is committed."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from accounts.models import User
from config import clock
from tickets.attachments import storage
from tickets.attachments.models import Attachment
from tickets.comments.models import Comment


def remove(attachment: Attachment, user: User) -> None:
    """Call in a transaction that holds its row."""
    attachment.removed_at = clock.Present(not_before=attachment.created_at)
    attachment.removed_by = user
    attachment.save(update_fields=["removed_at", "removed_by"])
    transaction.on_commit(partial(storage.forget, attachment.pk), robust=True)


def remove_with_comment(comment: Comment, user: User) -> None:
    """What was attached to a comment goes with it. Call in a transaction that holds the comment's row."""
    for attachment in Attachment.objects.present().filter(comment=comment).select_for_update():
        remove(attachment, user)
