"""The multipart body of an upload."""

from __future__ import annotations

from config.api import uploads
from tickets.attachments.names import safe_name


class AttachmentParser(uploads.UploadParser):
    """Keeps each file on the disk, however small, so that other processes can read it."""

    on_disk = True

    def name(self, sent: str, cleaned: str | None) -> str:
        """In full, since Django takes off more than is needed."""
        return safe_name(sent)
