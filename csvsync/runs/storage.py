"""The files of exchanges, kept for a while in Django's storage `csv`: a folder, or whatever the setting says."""

from __future__ import annotations

import hashlib
import logging
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import IO, NamedTuple

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages

from config import clock
from config.masking.addresses import masked
from csvsync.errors import FileNotKept, StorageUnavailable
from csvsync.models import RowError, Run, Unreturned

log = logging.getLogger(__name__)

BYTES_AT_ONCE = 1 << 20
# What nobody has applied by then will not be.
REHEARSALS_KEPT = timedelta(days=1)
RUNS_AT_ONCE = 100


class Fingerprint(NamedTuple):
    size: int
    sha256: str


def fingerprint(file: IO[bytes]) -> Fingerprint:
    """Of the whole of a seekable file, which is left at its start."""
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


def keep(run: Run, file: IO[bytes]) -> None:
    """Put the file under the name that the run has for it. Raises StorageUnavailable, and leaves nothing of it then.

    Where there is no room, what is old makes some.
    """
    try:
        _save(run, file)
    except Exception as error:  # noqa: BLE001 - raised again as what it means, unless the second try succeeds
        log.warning("The file of run %s could not be kept: %s", run.pk, masked(str(error)))
        try:
            if not remove_old_files():
                raise StorageUnavailable(error) from error
            _save(run, file)
        except Exception as again:
            Run.objects.filter(pk=run.pk).update(kept_as="")
            run.kept_as = ""
            raise StorageUnavailable(error) from again
    file.seek(0)


def _save(run: Run, file: IO[bytes]) -> None:
    """Storages of others have errors of their own, so callers look for any."""
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


def remove_old_files() -> int:
    """Take away the files and rows of runs that began too long ago; the runs stay. The number of runs."""
    now, removed = clock.now(), 0
    kept = Run.objects.exclude(kept_as="").exclude(state=Run.State.RUNNING)
    old = kept.filter(started_at__lt=now - timedelta(days=settings.CSV_KEEP_DAYS))
    old |= kept.filter(rehearsal=True, started_at__lt=now - REHEARSALS_KEPT)
    while runs := list(old[:RUNS_AT_ONCE]):
        for run in runs:
            _storage().delete(run.kept_as)
        ids = [run.pk for run in runs]
        RowError.objects.filter(run__in=ids).delete()
        Unreturned.objects.filter(run__in=ids).delete()
        removed += Run.objects.filter(pk__in=ids).update(kept_as="")
    return removed


def _storage() -> Storage:
    return storages["csv"]
