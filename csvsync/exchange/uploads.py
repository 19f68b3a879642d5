"""The file of an upload, whatever it is called and whatever type it claims to have; the same for pages and REST."""

from __future__ import annotations

from typing import IO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request

from csvsync.errors import FileMissing

FIELD = "file"
UNNAMED = "upload.csv"


def uploaded_file(request: Request | HttpRequest) -> IO[bytes]:
    """The content of the field `file`. Raises FileMissing."""
    upload = request.FILES.get(FIELD)
    if not isinstance(upload, UploadedFile):
        raise FileMissing(_("Send the CSV as a file in the field “file” of a multipart/form-data body."))
    return cast(IO[bytes], upload.file)


def uploaded_name(request: Request | HttpRequest) -> str:
    """How the sender named the file, for the record only."""
    upload = request.FILES.get(FIELD)
    return str(getattr(upload, "name", None) or UNNAMED)
