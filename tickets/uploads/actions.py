"""What people do with files before the form that they belong to is sent, and with what they attach by a page."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import IO

from django.db import transaction

from accounts.models import User
from config import clock
from config.database.turns import take_turns
from tickets.attachments import storage
from tickets.attachments.models import Attachment
from tickets.models import Ticket
from tickets.sharing import share_live_tickets
from tickets.uploads import limits, receiving
from tickets.uploads.claiming import claim
from tickets.uploads.models import Upload
from tickets.uploads.tidying import take_away


def keep_waiting(user: User, *, file: IO[bytes], name: str) -> Upload:
    """Keep a file of the file system until its form is sent, for a day at most. Call outside of transactions.

    Raises TooLarge, MalwareFound, ScannerUnavailable, Busy, StorageUnavailable, and InvalidInput for an empty file.
    """
    found = receiving.measure(file)
    limits.check_waiting(user, found.size)
    received = receiving.look_at(file, found, name)
    upload = Upload(uploaded_by=user, **received.fields)
    storage.keep(upload.pk, file, received.preview)
    with storage.forgotten_if_refused(upload.pk), transaction.atomic():
        take_turns(f"uploads of {user.pk}")
        limits.check_waiting(user, found.size)
        upload.created_at = clock.Present()
        upload.save(force_insert=True)
    return upload


@transaction.atomic
def attach_waiting(user: User, ticket: Ticket, uploads: Collection[uuid.UUID]) -> list[Attachment]:
    """Attach to the ticket itself what waits of this person. Raises TicketNotFound, TooLarge.

    A file that they have attached there before is taken away instead: its form was sent twice.
    """
    if not uploads:
        return []
    share_live_tickets(user, ticket.pk)
    waiting = Upload.objects.of(user).filter(pk__in=uploads)
    there = Attachment.objects.present().filter(ticket=ticket, comment=None, uploaded_by=user)
    known = set(there.values_list("sha256", "file_name"))
    again = [upload.pk for upload in waiting if (upload.sha256, upload.file_name) in known]
    take_away(waiting.filter(pk__in=again))
    return claim(user, uploads, ticket.pk)


@transaction.atomic
def forget_waiting(user: User, uploads: Collection[uuid.UUID]) -> None:
    """Take away what of these waits of this person."""
    if uploads:
        take_away(Upload.objects.of(user).filter(pk__in=uploads))
