"""Files that wait for nothing any more: their form was never sent, or came without them."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from config import clock
from tickets.attachments import storage
from tickets.uploads.models import WAITS, Upload, UploadQuerySet

AT_ONCE = 500


def remove_old() -> int:
    """Take away what has waited longer than WAITS; how many files."""
    removed = 0
    while batch := _remove_batch():
        removed += batch
    return removed


@transaction.atomic
def _remove_batch() -> int:
    return take_away(Upload.objects.filter(created_at__lt=clock.now() - WAITS), most=AT_ONCE)


def take_away(uploads: UploadQuerySet, *, most: int | None = None) -> int:
    """Forget these files, and their bytes once that is committed; how many. Call in a transaction.

    Whoever sends the form of one just now is waited for, and has it then.
    """
    ids = [upload.pk for upload in uploads.oldest_first().select_for_update()[:most]]
    Upload.objects.filter(pk__in=ids).delete()
    for upload_id in ids:
        transaction.on_commit(partial(storage.forget, upload_id), robust=True)
    return len(ids)
