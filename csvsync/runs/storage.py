"""The files of exchanges, kept for a while in Django's storage `csv`.

That is a folder, ExchangeFolder, unless CSV_STORAGE names another kind of storage.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
import uuid
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages

from csvsync.errors import FileNotKept, StorageUnavailable

if TYPE_CHECKING:  # whoever looks at the folder before there is a database needs no models
    from csvsync.models import Run

BYTES_AT_ONCE = 1 << 20
PARTIAL = ".partial-"
# No file takes longer to be written; what is older was left by a process that was killed.
PARTIAL_SECONDS = 24 * 3600
ATTEMPTS = 5


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
        storages["csv"].save(run.kept_as, File(file))
    except Exception:
        with suppress(Exception):  # what is left of it was of no use, and may be in the way
            storages["csv"].delete(run.kept_as)
        raise


def kept_file(run: Run) -> IO[bytes]:
    """The run's file, to be closed by the caller. Raises FileNotKept, or StorageUnavailable where nobody can tell."""
    if not run.kept_as:
        raise FileNotKept
    try:
        file: IO[bytes] = storages["csv"].open(run.kept_as)
        file.seek(0)  # some storages fetch it only now
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotKept from error
    except Exception as error:
        raise StorageUnavailable(error) from error
    return file


def delete(run: Run) -> None:
    """Take the run's file away."""
    storages["csv"].delete(run.kept_as)


class ExchangeFolder(FileSystemStorage):
    """Each file is there whole or not at all, and at no moment can other users of the machine read it."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        with _new_file_in(path.parent) as partial:
            try:
                for chunk in content.chunks():
                    partial.write(chunk)
                partial.flush()
                Path(partial.name).replace(path)
            except BaseException:
                Path(partial.name).unlink(missing_ok=True)
                raise
        return name


def _new_file_in(folder: Path) -> IO[bytes]:
    """An empty file with a name of its own, in a folder that is made where it is not there.

    `remove_remains` may take an empty folder away between the two steps. Then they are taken again.
    """
    for _attempt in range(ATTEMPTS):
        with suppress(FileNotFoundError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cast(IO[bytes], NamedTemporaryFile(dir=folder, prefix=PARTIAL, delete=False))
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


def problem() -> str | None:
    """Why no file could be kept now, in words for the operator; None where there is no reason, or no folder."""
    storage = storages["csv"]
    if not isinstance(storage, FileSystemStorage):
        return None
    folder = Path(storage.location)
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        reason = f"{there} is not a folder"
    elif not os.access(there, os.W_OK | os.X_OK):
        reason = f"the user with the number {os.geteuid()} may not write to {there}"
    else:
        return None
    return f"Files of exchanges cannot be kept in {folder}: {reason}. Set CSV_STORAGE to a folder that can be written."


def missing_folder() -> Path | None:
    """The folder of the files where it is not there or, like that of a disk that is not mounted, empty; else None."""
    storage = storages["csv"]
    if not isinstance(storage, FileSystemStorage):
        return None
    folder = Path(storage.location)
    try:
        return None if any(folder.iterdir()) else folder
    except (FileNotFoundError, NotADirectoryError):
        return folder
    except OSError:  # it is there, and nobody can tell what is in it
        return None


def remove_remains() -> int:
    """Take away what killed processes left half-written, and the folders of days of which nothing is left."""
    storage = storages["csv"]
    if not isinstance(storage, FileSystemStorage):
        return 0
    removed = 0
    for place, folders, files in os.walk(storage.location, topdown=False):
        for name in files:
            path = Path(place, name)
            if name.startswith(PARTIAL) and _is_left_behind(path):
                path.unlink(missing_ok=True)
                removed += 1
        for name in folders:
            with suppress(OSError):  # it is not empty
                Path(place, name).rmdir()
    return removed


def _is_left_behind(partial: Path) -> bool:
    """False as well for one that is not there any more: it has been completed, or somebody else tidies up."""
    try:
        return time.time() - partial.stat().st_mtime > PARTIAL_SECONDS
    except FileNotFoundError:
        return False
