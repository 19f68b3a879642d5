"""How the bodies of REST requests are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.http import QueryDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JSONParser(BaseParser):
    """JSON in UTF-8. orjson refuses lone surrogates, NaN and nesting so deep that it would exhaust the stack."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(str(error)) from error


class FormParser(BaseParser):
    """A form, `a=b&c=d`, in UTF-8.

    For a parser of its own DRF reads the body past the stream, and whoever watches the stream (accounts/idempotency)
    would see none of it. So this is none of DRF's.
    """

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> QueryDict:
        return QueryDict(stream.read(), encoding="utf-8")
