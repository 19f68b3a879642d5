"""Making attachments of files that have waited for their form."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from accounts.models import User
from config import clock
from config.database.turns import take_turns
from tickets.attachments.models import Attachment
from tickets.comments.models import Comment
from tickets.review.aside import wake
from tickets.uploads import limits
from tickets.uploads.models import Upload

FIELDS = ("id", "file_name", "content_type", "size", "sha256", "preview_width", "preview_height", "uploaded_by_id")


def claim(
    user: User, uploads: Collection[uuid.UUID], ticket_id: uuid.UUID, comment: Comment | None = None
) -> list[Attachment]:
    """Attach those of these files that wait of this person. Call in a transaction that shares the live ticket.

    What does not wait any more, or is somebody else's, is passed over, so that a form can be sent again.
    Raises TooLarge.
    """
    waiting = list(Upload.objects.of(user).filter(pk__in=uploads).oldest_first().select_for_update()) if uploads else []
    if not waiting:
        return []
    take_turns(f"attachments of {ticket_id}")
    limits.check_room(ticket_id, *(upload.size for upload in waiting))
    attachments = [
        Attachment.objects.create(
            ticket_id=ticket_id,
            comment=comment,
            created_at=clock.Present(),
            **{name: getattr(upload, name) for name in FIELDS},
        )
        for upload in waiting
    ]
    Upload.objects.filter(pk__in=[upload.pk for upload in waiting]).delete()
    wake(ticket_id, user)
    return attachments
