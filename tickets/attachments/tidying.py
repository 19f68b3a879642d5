"""Bytes that belong to no attachment: of uploads that were killed half-way, and of removals that were."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from itertools import batched

from django.core.files.storage import storages
from django.utils import timezone

from config import folders
from tickets.attachments import storage
from tickets.attachments.models import Attachment
from tickets.uploads.models import Upload

log = logging.getLogger(__name__)

# No upload takes longer; its bytes are there before its row is.
KEPT = timedelta(days=1)
AT_ONCE = 500


def remove_orphans() -> int:
    """Take away what is older than a day and belongs to no attachment that is there; how many files."""
    removed = folders.remove_remains(storage.ALIAS)
    for kept in batched(storage.all_kept(), AT_ONCE):
        ids = {attachment_id for _name, attachment_id in kept}
        needed = _needed(ids)
        removed += sum(_remove_old(name) for name, attachment_id in kept if attachment_id not in needed)
    return removed


def _needed(ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Those of attachments, and of what waits to become one: first, since it may become one in between."""
    waiting = set(Upload.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return waiting.union(Attachment.objects.present().filter(pk__in=ids).values_list("pk", flat=True))


def _remove_old(name: str) -> bool:
    files = storages[storage.ALIAS]
    try:
        if timezone.now() - files.get_modified_time(name) < KEPT:
            return False
        files.delete(name)
    except FileNotFoundError:  # somebody else has just taken it away
        return False
    return True
