"""Attachments that lie in the past, for comments that do: demo data, and data that is moved in from elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from django.db import transaction

from accounts.models import User
from tickets.attachments import drawing, kinds, previews, storage
from tickets.attachments.names import safe_name
from tickets.models import Attachment, Ticket


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """`content` is drawn and kept as it is: whoever calls answers for it. `created_at` is not before its comment."""

    id: uuid.UUID
    ticket: Ticket
    comment_id: uuid.UUID | None
    file_name: str
    content: bytes
    uploaded_by: User
    created_at: datetime


@transaction.atomic
def backfill_attachments(records: Iterable[AttachmentRecord]) -> int:
    """Keep their bytes and write them; how many they were. Raises StorageUnavailable."""
    return len(Attachment.objects.bulk_create([_kept(record) for record in records]))


def _kept(record: AttachmentRecord) -> Attachment:
    kind = kinds.kind_of(record.content)
    preview = previews.parse(drawing.preview(BytesIO(record.content))) if kind in kinds.PICTURES else None
    storage.keep(record.id, BytesIO(record.content), preview.content if preview else None)
    return Attachment(
        id=record.id,
        ticket=record.ticket,
        comment_id=record.comment_id,
        file_name=safe_name(record.file_name),
        content_type=kind,
        size=len(record.content),
        sha256=sha256(record.content).hexdigest(),
        preview_width=preview.width if preview else None,
        preview_height=preview.height if preview else None,
        uploaded_by=record.uploaded_by,
        created_at=record.created_at,
    )
