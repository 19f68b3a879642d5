"""Reading the multipart body of an upload for REST."""

from __future__ import annotations

from config.api import uploads
from csvsync.errors import InvalidCsv
from csvsync.exchange.uploads import UNNAMED


class UploadParser(uploads.UploadParser):
    """multipart/form-data. Raises InvalidCsv where that cannot be read, StorageUnavailable where the disk is full."""

    def name(self, sent: str, cleaned: str | None) -> str:
        """Django leaves out files whose names could not be kept, such as `..`; here names do not matter."""
        return cleaned or UNNAMED

    def unreadable(self, problem: str) -> InvalidCsv:
        return InvalidCsv(problem)
