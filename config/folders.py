"""Folders of files as storages of Django's: what an app keeps beside the database, for the desk's own user alone.

Functions name a storage by its alias in the setting STORAGES. Where that is none in a folder, as with S3, there is
nothing of a folder to look at or to tidy up.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, NamedTuple, cast

from django.core.files.storage import FileSystemStorage, storages

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


class PrivateFolder(FileSystemStorage):
    """Each file is there whole or not at all, and at no moment can other users of the machine read it."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        with _new_file_in(path.parent) as partial:
            try:
                for chunk in content.chunks():
                    partial.write(chunk)
                partial.flush()
                os.fsync(partial.fileno())  # what a row will say is there has to be there after a power cut as well
                Path(partial.name).replace(path)
            except BaseException:
                Path(partial.name).unlink(missing_ok=True)
                raise
        _write_down(path.parent)
        return name


def _write_down(folder: Path) -> None:
    """Have the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new_file_in(folder: Path) -> IO[bytes]:
    """An empty file with a name of its own, in a folder that is made where it is not there.

    `remove_remains` may take an empty folder away between the two steps. Then they are taken again.
    """
    for _attempt in range(ATTEMPTS):
        with suppress(FileNotFoundError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cast(IO[bytes], NamedTemporaryFile(dir=folder, prefix=PARTIAL, delete=False))
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


def problem(alias: str, *, things: str, setting: str) -> str | None:
    """Why these things could not be kept now, in words for the operator, with the setting that chooses the folder.

    None where there is no reason, or no folder.
    """
    storage = storages[alias]
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
    return f"{things} cannot be kept in {folder}: {reason}. Set {setting} to a folder that can be written."


def missing_folder(alias: str) -> Path | None:
    """The folder of the files where it is not there or, like that of a disk that is not mounted, empty; else None."""
    storage = storages[alias]
    if not isinstance(storage, FileSystemStorage):
        return None
    folder = Path(storage.location)
    try:
        return None if any(folder.iterdir()) else folder
    except (FileNotFoundError, NotADirectoryError):
        return folder
    except OSError:  # it is there, and nobody can tell what is in it
        return None


def remove_remains(alias: str) -> int:
    """Take away what killed processes left half-written, and folders of which nothing is left; how many files."""
    storage = storages[alias]
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
