"""The bytes of attachments and of their previews, in Django's storage `attachments`.

That is a folder, unless ATTACHMENT_STORAGE names another kind of storage. Where something is kept follows from the id
of its attachment. It is there before the row is, and goes after the row says that it was removed: a process that is
killed in between leaves bytes that belong to nobody, which `tidying.py` finds, and never a row without its bytes.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages

from config import folders
from config.errors import DomainError, StorageUnavailable
from config.masking.addresses import masked

log = logging.getLogger(__name__)

ALIAS = "attachments"
_NAME = re.compile(r"[0-9a-f]{2}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.webp)?")


def keep(attachment_id: uuid.UUID, file: IO[bytes], preview: bytes | None) -> None:
    """Keep the bytes of an attachment that has no row yet. Raises StorageUnavailable, and leaves nothing then."""
    file.seek(0)
    try:
        storages[ALIAS].save(name_of(attachment_id), File(file))
        if preview is not None:
            storages[ALIAS].save(name_of(attachment_id, preview=True), ContentFile(preview))
    except Exception as error:  # storages of others have errors of their own
        forget(attachment_id)
        raise StorageUnavailable(error) from error


def kept_file(attachment_id: uuid.UUID, *, preview: bool = False) -> IO[bytes]:
    """The bytes, as a seekable file to be closed by the caller. Raises StorageUnavailable."""
    try:
        file: IO[bytes] = storages[ALIAS].open(name_of(attachment_id, preview=preview))
        file.seek(0)  # some storages fetch it only now
    except Exception as error:
        raise StorageUnavailable(error) from error
    return file


def forget(attachment_id: uuid.UUID) -> None:
    """Take the bytes and the preview away. What cannot be taken away now is left to `manage.py tidy`."""
    for preview in (True, False):
        try:
            storages[ALIAS].delete(name_of(attachment_id, preview=preview))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next time may be better
            log.warning("The bytes of attachment %s are still there: %s", attachment_id, masked(str(error)))


@contextmanager
def forgotten_if_refused(attachment_id: uuid.UUID) -> Iterator[None]:
    """Takes the bytes away where the row was refused.

    Where the database has failed nobody can say whether the row is there, so they stay until `manage.py tidy` knows.
    """
    try:
        yield
    except DomainError:
        forget(attachment_id)
        raise


def name_of(attachment_id: uuid.UUID, *, preview: bool = False) -> str:
    return f"{attachment_id.hex[:2]}/{attachment_id}{'.webp' if preview else ''}"


def all_kept() -> Iterator[tuple[str, uuid.UUID]]:
    """The name of everything that is kept, with the id of the attachment that it belongs to, if that is there."""
    with suppress(FileNotFoundError):  # nothing was attached yet
        places, _files = storages[ALIAS].listdir("")
        for place in places:
            for file in storages[ALIAS].listdir(place)[1]:
                if found := _NAME.fullmatch(f"{place}/{file}"):
                    yield found[0], uuid.UUID(found[1])


def problem() -> str | None:
    """Why no file could be kept now, in words for the operator; None where there is no reason, or no folder."""
    return folders.problem(ALIAS, things="Attachments", setting="ATTACHMENT_STORAGE")
