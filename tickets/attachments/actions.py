"""What people do with attachments. Each is one transaction, on a live ticket, which stays as it is.

Raises TicketNotFound where the person may not see the ticket, or somebody has deleted it meanwhile, and
AttachmentNotFound for one that does not exist or was removed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from config import clock
from config.database.turns import take_turns
from config.errors import DomainError, InvalidInput, TooLarge
from config.folders import Fingerprint, fingerprint
from tickets.attachments import kinds, permissions, previews, removing, scanning, storage
from tickets.attachments.errors import AttachmentNotFound, NotYourAttachment
from tickets.attachments.models import Attachment
from tickets.attachments.names import safe_name
from tickets.comments.errors import CommentNotFound, NotYourComment
from tickets.comments.models import Comment
from tickets.errors import TicketNotFound
from tickets.models import Ticket
from tickets.sharing import share_live_tickets

# However small they are: each is a row on the ticket's page.
MOST_OF_A_TICKET = 500
MB = 1_000_000

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
    found = fingerprint(file)
    _check_file(found)
    _check_place(user, ticket_id, comment_id)  # what is refused now is neither looked at nor kept
    _check_room(ticket_id, found.size)
    kind = kinds.kind_of(file.read(kinds.HEAD))
    scanning.scan(file)
    preview = previews.draw_preview(file) if kind in kinds.PICTURES else None
    attachment = Attachment(
        ticket_id=ticket_id,
        comment_id=comment_id,
        file_name=safe_name(name),
        content_type=kind,
        size=found.size,
        sha256=found.sha256,
        preview_width=preview.width if preview else None,
        preview_height=preview.height if preview else None,
        uploaded_by=user,
    )
    storage.keep(attachment.pk, file, preview.content if preview else None)
    with _forgotten_if_refused(attachment), transaction.atomic():
        share_live_tickets(user, ticket_id)
        _hold_comment(user, ticket_id, comment_id)
        take_turns(f"attachments of {ticket_id}")
        _check_room(ticket_id, found.size)
        attachment.created_at = clock.Present()
        attachment.save(force_insert=True)
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


def _check_file(found: Fingerprint) -> None:
    if found.size == 0:
        raise InvalidInput({"file": [_("The file is empty.")]})
    if found.size > settings.ATTACHMENT_MAX_MB * MB:
        raise TooLarge(_("The file is larger than %(limit)d MB.") % {"limit": settings.ATTACHMENT_MAX_MB})


def _check_room(ticket_id: uuid.UUID, size: int) -> None:
    """Whether so many bytes more can be attached. It holds where nobody else attaches anything meanwhile."""
    there = Attachment.objects.present().filter(ticket=ticket_id).aggregate(size=Sum("size"), count=Count("pk"))
    if there["count"] >= MOST_OF_A_TICKET:
        raise TooLarge(_("A ticket has at most %(most)d attachments.") % {"most": MOST_OF_A_TICKET})
    left = settings.TICKET_ATTACHMENTS_MAX_MB * MB - (there["size"] or 0)
    if size > left:
        told = {"limit": settings.TICKET_ATTACHMENTS_MAX_MB, "left": max(left, 0)}
        raise TooLarge(
            _("The attachments of a ticket have at most %(limit)d MB together: %(left)d bytes are left.") % told
        )


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


@contextmanager
def _forgotten_if_refused(attachment: Attachment) -> Iterator[None]:
    """Takes the bytes away where the row was refused.

    Where the database has failed nobody can say whether the row is there, so they stay until `manage.py tidy` knows.
    """
    try:
        yield
    except DomainError:
        storage.forget(attachment.pk)
        raise
