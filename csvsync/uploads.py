"""The file of an upload, whatever it is called and whatever type it claims to have."""

from __future__ import annotations

from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http.multipartparser import MultiPartParser as MultiPartReader
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request

from csvsync.errors import InvalidCsv

FIELD = "file"
UNNAMED = "upload.csv"


class _AnyName(MultiPartReader):
    """Django leaves out files whose names could not be kept, such as `..`; here names do not matter."""

    def sanitize_file_name(self, file_name: str) -> str:
        return super().sanitize_file_name(file_name) or UNNAMED


class _Counted:
    """A stream that knows how much of it was read."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.stream.read(size)
        self.size += len(data)
        return data


class UploadParser(MultiPartParser):
    """multipart/form-data. Raises InvalidCsv where that cannot be read, or ends before its announced length.

    When a connection breaks, the server lets the body just end, and the multipart reader does not miss the rest: half
    a file would be taken for a whole one.
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles[Any, Any]:
        request = parser_context["request"]
        _type, _semicolon, parameters = (media_type or "").partition(";")
        # Django reads the type in lower case only.
        meta = {**request.META, "CONTENT_TYPE": f"{self.media_type};{parameters}"}
        body = _Counted(stream)
        try:
            parts = DataAndFiles(*_AnyName(meta, body, request.upload_handlers, "utf-8").parse())
        except MultiPartParserError as error:
            problem = _("The body cannot be read as multipart/form-data (%(error)s).") % {"error": error}
            raise InvalidCsv(problem) from error
        while body.read(64 * 1024):
            pass
        if body.size < int(meta["CONTENT_LENGTH"]):
            raise InvalidCsv(_("The upload was cut off before its end. Send it again."))
        return parts


def uploaded_file(request: Request) -> IO[bytes]:
    """The content of the field `file`. Raises InvalidCsv where it is missing."""
    upload = request.FILES.get(FIELD)
    if not isinstance(upload, UploadedFile):
        raise InvalidCsv(_("Send the CSV as a file in the field “file” of a multipart/form-data body."))
    return cast(IO[bytes], upload.file)


def uploaded_name(request: Request) -> str:
    """How the sender named the file, for the record only."""
    upload = request.FILES.get(FIELD)
    return str(getattr(upload, "name", None) or UNNAMED)
