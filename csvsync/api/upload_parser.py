"""Reading the multipart body of an upload for REST."""

from __future__ import annotations

import errno
from typing import Any

from django.http.multipartparser import MultiPartParser as MultiPartReader
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.parsers import DataAndFiles, MultiPartParser

from csvsync.errors import InvalidCsv, StorageUnavailable
from csvsync.exchange.uploads import UNNAMED

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
