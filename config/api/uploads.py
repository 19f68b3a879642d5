"""Reading the multipart bodies of uploads for REST. The type that a file claims to have is nobody's concern."""

from __future__ import annotations

import errno
from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser as MultiPartReader
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.parsers import DataAndFiles, MultiPartParser

from config.errors import DomainError, MalformedBody, StorageUnavailable

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class UploadParser(MultiPartParser):
    """multipart/form-data. Raises what `unreadable` makes of it, and StorageUnavailable where the disk is full.

    A file whose end did not arrive, since the connection broke, is left out by the reader as if it were not there.
    """

    # Whether each file is one of the file system; else small ones stay in memory.
    on_disk = False

    def name(self, sent: str, cleaned: str | None) -> str | None:
        """What a file is called here: its sender's name for it, as Django lets that be. One without is left out."""
        return cleaned

    def unreadable(self, problem: str) -> DomainError:
        return MalformedBody(problem)

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles[Any, Any]:
        request = parser_context["request"]
        _type, _semicolon, parameters = (media_type or "").partition(";")
        # Django reads the type in lower case only.
        meta = {**request.META, "CONTENT_TYPE": f"{self.media_type};{parameters}"}
        handlers = [TemporaryFileUploadHandler(request)] if self.on_disk else request.upload_handlers
        try:
            return DataAndFiles(*_Reader(self, meta, stream, handlers).parse())
        except MultiPartParserError as error:
            problem = _("The body cannot be read as multipart/form-data (%(error)s).") % {"error": error}
            raise self.unreadable(problem) from error
        except OSError as error:
            if error.errno in NO_ROOM:
                raise StorageUnavailable(error) from error
            raise


class _Reader(MultiPartReader):
    def __init__(self, parser: UploadParser, meta: Any, stream: Any, handlers: Any) -> None:
        super().__init__(meta, stream, handlers, "utf-8")
        self.parser = parser

    def sanitize_file_name(self, file_name: str) -> str | None:
        return self.parser.name(file_name, super().sanitize_file_name(file_name))
