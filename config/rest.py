"""What all REST endpoints have in common: how bodies are read and fields are judged."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any

import orjson
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from config.errors import InvalidInput

MAX_PAGE_SIZE = 200
MAX_NAMED_FIELDS = 20  # a body may hold a hundred thousand unknown ones


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


class OneFormat(BaseContentNegotiation):
    """Each endpoint has one format; `Accept` and `?format=` are ignored."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> Any:
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        only = next(iter(renderers))
        return only, only.media_type or ""


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, beside all else that is wrong; null in an optional field means absent."""

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = {}
        if isinstance(data, Mapping):
            strange = (name for name in data if name not in self.fields)
            unknown = {name: [_("Unknown field.")] for name in islice(strange, MAX_NAMED_FIELDS)}
            data = data.dict() if hasattr(data, "dict") else data
            optional = {name for name, field in self.fields.items() if not field.required}
            data = {name: value for name, value in data.items() if value is not None or name not in optional}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            known = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
            raise serializers.ValidationError({**unknown, **known}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return values


class TextField(serializers.CharField):
    """A string, not something that could be turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ChoiceField(serializers.ChoiceField):
    """One of the listed strings, to the letter."""

    default_error_messages = {"invalid_choice": _("Write one of {choices}.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(self.choices))
        return super().to_internal_value(data)


class TimeField(serializers.DateTimeField):
    """A time in ISO 8601: read as UTC where it has no offset, cut to milliseconds, written in UTC with `Z`."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="2026-01-31T09:30:00.000Z")
        try:
            moment = parse_time(value)
        except ValueError:
            self.fail("invalid", format="2026-01-31T09:30:00.000Z")
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def to_representation(self, value: datetime) -> str:
        return iso(value)


def parse_time(text: str) -> datetime:
    """A time in ISO 8601, as UTC; UTC as well where it names no offset. Raises ValueError."""
    if not _LIKE_A_TIME.fullmatch(text.strip()):  # Python alone takes any character between date and time
        raise ValueError(text)
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


_LIKE_A_TIME = re.compile(r"[0-9W-]+([T ][0-9:.,]+(Z|[+-][0-9:.]+)?)?")


# The one form in which the API writes ids, in either case.
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def parse_uuid(text: str) -> uuid.UUID:
    """An id in the form of the API. Raises ValueError."""
    if not UUID_FORM.fullmatch(text):
        raise ValueError(text)
    return uuid.UUID(text)


def iso(moment: datetime) -> str:
    """`2026-01-31T09:30:00.000Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: `number` from 1, `size` rows at most."""

    number: int
    size: int

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Page:
        """From `page` (1) and `pageSize` (20, at most 200). Raises InvalidInput."""
        values = {"page": query.get("page") or "1", "pageSize": query.get("pageSize") or "20"}
        bad = {name: [str(_("Write a whole number from 1."))] for name, value in values.items() if not _is_count(value)}
        if bad:
            raise InvalidInput(bad)
        return cls(int(values["page"]), min(int(values["pageSize"]), MAX_PAGE_SIZE))

    def slice[Row: Model](self, rows: QuerySet[Row], total: int) -> list[Row]:
        """The rows of this page, none past the end. Counted from whichever end is nearer, so that both are fast."""
        start = (self.number - 1) * self.size
        stop = min(start + self.size, total)
        if start >= stop:
            return []
        if start > total // 2:
            return list(rows.reverse()[total - stop : total - start])[::-1]
        return list(rows[start:stop])

    def of(
        self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]], *, total: int
    ) -> dict[str, Any]:
        """`{items, total, page, pageSize}` of so many rows in all."""
        return {
            "items": serializer(self.slice(rows, total), many=True).data,
            "total": total,
            "page": self.number,
            "pageSize": self.size,
        }


def _is_count(value: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,1000}", value)) and int(value) > 0
