"""Who may do what with a given attachment. Whoever may see a ticket may see and add what is attached to it."""

from __future__ import annotations

from accounts.models import User
from tickets.attachments.models import Attachment


def can_remove(user: User, attachment: Attachment) -> bool:
    return user.is_manager or attachment.uploaded_by_id == user.pk
