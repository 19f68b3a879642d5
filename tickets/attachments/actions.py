"""What people do with attachments. Each is one transaction, on a live ticket, which stays as it is.

Raises TicketNotFound where the person may not see the ticket, or somebody has deleted it meanwhile, and
AttachmentNotFound for one that does not exist or was removed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import IO

from django.db import transaction

from accounts.models import User
from config import clock
from config.database.turns import take_turns
from tickets.attachments import permissions, removing, storage
from tickets.attachments.errors import AttachmentNotFound, NotYourAttachment
from tickets.attachments.models import Attachment
from tickets.comments.errors import CommentNotFound, NotYourComment
from tickets.comments.models import Comment
from tickets.errors import TicketNotFound
from tickets.models import Ticket
from tickets.review.aside import wake
from tickets.sharing import share_live_tickets
from tickets.uploads import limits, receiving
from tickets.uploads.models import Upload

# What is to be done in the transaction in which an attachment is added.
type Conclude = Callable[[Attachment], object]


def _conclude_with_nothing(_attachment: Attachment) -> None:
    """For one with whose transaction nothing else is to be committed."""


def attach(
    user: User,
    ticket_id: uuid.UUID,
    *,
    file: IO[bytes],
    name: str,
    comment_id: uuid.UUID | None = None,
    conclude: Conclude = _conclude_with_nothing,
) -> Attachment:
    """Attach a file of the file system to a ticket, or to a comment there of this person. Call outside of transactions.

    `conclude` is called in the transaction of the new row; what it raises undoes that. Raises TooLarge, MalwareFound,
    ScannerUnavailable, Busy, StorageUnavailable, InvalidInput for an empty file, and CommentNotFound or NotYourComment.
    """
    found = receiving.measure(file)
    _check_place(user, ticket_id, comment_id)  # what is refused now is neither looked at nor kept
    limits.check_room(ticket_id, found.size)
    received = receiving.look_at(file, found, name)
    attachment = Attachment(ticket_id=ticket_id, comment_id=comment_id, uploaded_by=user, **received.fields)
    storage.keep(attachment.pk, file, received.preview)
    with storage.forgotten_if_refused(attachment.pk), transaction.atomic():
        share_live_tickets(user, ticket_id)
        _hold_comment(user, ticket_id, comment_id)
        take_turns(f"attachments of {ticket_id}")
        limits.check_room(ticket_id, found.size)
        attachment.created_at = clock.Present()
        attachment.save(force_insert=True)
        wake(ticket_id, user)
        conclude(attachment)
    return attachment


def remove_attachment(user: User, attachment_id: uuid.UUID) -> Attachment:
    """Take an attachment away, by who has attached it or a manager. Raises NotYourAttachment."""
    with transaction.atomic():
        ticket_id = Attachment.objects.filter(pk=attachment_id).values_list("ticket_id", flat=True).first()
        if ticket_id is None:
            raise AttachmentNotFound
        share_live_tickets(user, ticket_id)
        attachment = Attachment.objects.select_for_update().get(pk=attachment_id)
        if attachment.removed_at is not None:
            raise AttachmentNotFound
        if not permissions.can_remove(user, attachment):
            raise NotYourAttachment
        removing.remove(attachment, user)
        return attachment


def attachment_for(user: User, attachment_id: uuid.UUID) -> Attachment:
    """The attachment, for who may see its ticket."""
    attachment = Attachment.objects.present().filter(pk=attachment_id).first()
    if attachment is None:
        raise AttachmentNotFound
    if not Ticket.objects.visible_to(user).live().filter(pk=attachment.ticket_id).exists():
        raise TicketNotFound
    return attachment


def picture_for(user: User, attachment_id: uuid.UUID) -> Attachment | Upload:
    """As attachment_for; or what this person has waiting for a form that they have not sent yet."""
    try:
        return attachment_for(user, attachment_id)
    except AttachmentNotFound:
        waiting = Upload.objects.of(user).filter(pk=attachment_id).first()
        if waiting is None:
            raise
        return waiting


def _check_place(user: User, ticket_id: uuid.UUID, comment_id: uuid.UUID | None) -> None:
    if not Ticket.objects.visible_to(user).live().filter(pk=ticket_id).exists():
        raise TicketNotFound
    if comment_id is not None:
        _check_comment(user, ticket_id, Comment.objects.filter(pk=comment_id).first())


def _hold_comment(user: User, ticket_id: uuid.UUID, comment_id: uuid.UUID | None) -> None:
    """See to it that the comment is not removed before the transaction ends."""
    if comment_id is not None:
        _check_comment(user, ticket_id, Comment.objects.select_for_update().filter(pk=comment_id).first())


def _check_comment(user: User, ticket_id: uuid.UUID, comment: Comment | None) -> None:
    if comment is None or comment.removed_at is not None or comment.ticket_id != ticket_id:
        raise CommentNotFound
    if comment.author_id != user.pk:
        raise NotYourComment
