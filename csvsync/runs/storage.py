"""The files of exchanges, kept for a while in Django's storage `csv`.

That is a folder, unless CSV_STORAGE names another kind of storage.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.core.files.base import File
from django.core.files.storage import storages

from config import folders
from config.errors import StorageUnavailable
from csvsync.errors import FileNotKept

if TYPE_CHECKING:  # whoever looks at the folder before there is a database needs no models
    from csvsync.models import Run

ALIAS = "csv"


def new_name(run_id: uuid.UUID, began: datetime) -> str:
    """Where the file of a run is to be kept."""
    return f"{began:%Y/%m/%d}/{run_id}.csv"


def save(run: Run, file: IO[bytes]) -> None:
    """Put the file under the name that the run has for it. Raises whatever the storage raises, and leaves nothing then.

    Storages of others have errors of their own, so callers look for any.
    """
    file.seek(0)
    try:
        storages[ALIAS].save(run.kept_as, File(file))
    except Exception:
        with suppress(Exception):  # what is left of it was of no use, and may be in the way
            storages[ALIAS].delete(run.kept_as)
        raise


def kept_file(run: Run) -> IO[bytes]:
    """The run's file, to be closed by the caller. Raises FileNotKept, or StorageUnavailable where nobody can tell."""
    if not run.kept_as:
        raise FileNotKept
    try:
        file: IO[bytes] = storages[ALIAS].open(run.kept_as)
        file.seek(0)  # some storages fetch it only now
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotKept from error
    except Exception as error:
        raise StorageUnavailable(error) from error
    return file


def delete(run: Run) -> None:
    """Take the run's file away."""
    storages[ALIAS].delete(run.kept_as)


def problem() -> str | None:
    """Why no file could be kept now, in words for the operator; None where there is no reason, or no folder."""
    return folders.problem(ALIAS, things="Files of exchanges", setting="CSV_STORAGE")


def missing_folder() -> Path | None:
    """The folder of the files where it is not there or empty; else None."""
    return folders.missing_folder(ALIAS)


def remove_remains() -> int:
    """Take away what killed processes left half-written, and the folders of days of which nothing is left."""
    return folders.remove_remains(ALIAS)
