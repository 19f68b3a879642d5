"""Keeping the files of exchanges and what was said about their rows, and for how long."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import IO

from django.conf import settings

from config import clock
from config.errors import StorageUnavailable
from config.masking.addresses import masked
from csvsync.models import RowError, Run, Unreturned
from csvsync.runs import storage

log = logging.getLogger(__name__)

# What nobody has applied by then will not be.
DRY_RUNS_KEPT = timedelta(days=1)
RUNS_AT_ONCE = 100


def keep(run: Run, file: IO[bytes]) -> None:
    """Put the file under the name that the run has for it. Raises StorageUnavailable, and leaves nothing of it then.

    Where there is no room, what is old makes some.
    """
    try:
        storage.save(run, file)
    except Exception as error:  # noqa: BLE001 - raised again as what it means, unless the second try succeeds
        log.warning("The file of run %s could not be kept: %s", run.pk, masked(str(error)))
        try:
            if not remove_old_files():
                raise StorageUnavailable(error) from error
            storage.save(run, file)
        except Exception as again:
            Run.objects.filter(pk=run.pk).update(kept_as="")
            run.kept_as = ""
            raise StorageUnavailable(error) from again
    file.seek(0)


def remove_old_files() -> int:
    """Take away the files and rows of runs that began too long ago; the runs stay. The number of runs."""
    now, removed = clock.now(), 0
    kept = Run.objects.exclude(kept_as="").exclude(state=Run.State.RUNNING)
    old = kept.filter(started_at__lt=now - timedelta(days=settings.CSV_KEEP_DAYS))
    old |= kept.filter(dry_run=True, started_at__lt=now - DRY_RUNS_KEPT)
    while runs := list(old[:RUNS_AT_ONCE]):
        for run in runs:
            storage.delete(run)
        ids = [run.pk for run in runs]
        RowError.objects.filter(run__in=ids).delete()
        Unreturned.objects.filter(run__in=ids).delete()
        removed += Run.objects.filter(pk__in=ids).update(kept_as="")
    return removed
