"""The files of exchanges, kept for a while in Django's storage `csv`: a folder, or whatever the setting says."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import suppress
from datetime import datetime
from typing import IO, NamedTuple

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from csvsync.errors import FileNotKept, StorageUnavailable
from csvsync.models import Run

BYTES_AT_ONCE = 1 << 20


class Fingerprint(NamedTuple):
    size: int
    sha256: str


def fingerprint(file: IO[bytes]) -> Fingerprint:
    """Size and SHA-256 of a whole seekable file, which is left at its start."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(BYTES_AT_ONCE):
        digest.update(block)
        size += len(block)
    file.seek(0)
    return Fingerprint(size, digest.hexdigest())


def new_name(run_id: uuid.UUID, began: datetime) -> str:
    """Where the file of a run is to be kept."""
    return f"{began:%Y/%m/%d}/{run_id}.csv"


def save(run: Run, file: IO[bytes]) -> None:
    """Put the file under the name that the run has for it. Raises whatever the storage raises, and leaves nothing then.

    Storages of others have errors of their own, so callers look for any.
    """
    file.seek(0)
    try:
        _storage().save(run.kept_as, File(file))
    except Exception:
        with suppress(Exception):  # what is left of it was of no use, and may be in the way
            _storage().delete(run.kept_as)
        raise


def kept_file(run: Run) -> IO[bytes]:
    """The run's file, to be closed by the caller. Raises FileNotKept, or StorageUnavailable where nobody can tell."""
    if not run.kept_as:
        raise FileNotKept
    try:
        file: IO[bytes] = _storage().open(run.kept_as)
        file.seek(0)  # some storages fetch it only now
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotKept from error
    except Exception as error:
        raise StorageUnavailable(error) from error
    return file


def delete(run: Run) -> None:
    """Take the run's file away."""
    _storage().delete(run.kept_as)


def _storage() -> Storage:
    return storages["csv"]
