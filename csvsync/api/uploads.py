"""The file of an upload, whatever it is called and whatever type it claims to have."""

from __future__ import annotations

import errno
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser as MultiPartReader
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request

from csvsync.errors import FileMissing, InvalidCsv, StorageUnavailable

FIELD = "file"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNNAMED = "upload.csv"


class _AnyName(MultiPartReader):
    """Django leaves out files whose names could not be kept, such as `..`; here names do not matter."""

    def sanitize_file_name(self, file_name: str) -> str:
        return super().sanitize_file_name(file_name) or UNNAMED


class UploadParser(MultiPartParser):
    """multipart/form-data. Raises InvalidCsv where that cannot be read, StorageUnavailable where the disk is full.

    A file whose end did not arrive, since the connection broke, is left out by the reader as if it were not there.
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles[Any, Any]:
        request = parser_context["request"]
        _type, _semicolon, parameters = (media_type or "").partition(";")
        # Django reads the type in lower case only.
        meta = {**request.META, "CONTENT_TYPE": f"{self.media_type};{parameters}"}
        try:
            return DataAndFiles(*_AnyName(meta, stream, request.upload_handlers, "utf-8").parse())
        except MultiPartParserError as error:
            problem = _("The body cannot be read as multipart/form-data (%(error)s).") % {"error": error}
            raise InvalidCsv(problem) from error
        except OSError as error:
            if error.errno in NO_ROOM:
                raise StorageUnavailable(error) from error
            raise


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
