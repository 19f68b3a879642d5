"""The folder in which files of exchanges are kept, unless CSV_STORAGE names another kind of storage."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.storage import FileSystemStorage, storages

PARTIAL = ".partial-"
# No file takes longer to be written; what is older was left by a process that was killed.
PARTIAL_SECONDS = 24 * 3600


class ExchangeFolder(FileSystemStorage):
    """Each file is there whole or not at all, and at no moment can other users of the machine read it."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=PARTIAL, delete=False) as partial:
            try:
                for chunk in content.chunks():
                    partial.write(chunk)
                partial.flush()
                Path(partial.name).replace(path)
            except BaseException:
                Path(partial.name).unlink(missing_ok=True)
                raise
        return name


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


def remove_remains() -> int:
    """Take away what killed processes left half-written, and the folders of days of which nothing is left."""
    storage = storages["csv"]
    if not isinstance(storage, FileSystemStorage):
        return 0
    removed = 0
    for place, folders, files in os.walk(storage.location, topdown=False):
        for name in files:
            path = Path(place, name)
            if name.startswith(PARTIAL) and time.time() - path.stat().st_mtime > PARTIAL_SECONDS:
                path.unlink(missing_ok=True)
                removed += 1
        for name in folders:
            with suppress(OSError):  # it is not empty
                Path(place, name).rmdir()
    return removed
