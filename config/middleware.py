"""What is settled about a request before any view sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import IO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from config import health
from config.errors import DomainError, MethodNotAllowed, TooLarge, UnsupportedMediaType
from config.exception_handler import PAGE_PREFIXES, answer_error

# Whatever body comes along there, and of whatever type, nobody looks at it.
BODY_IGNORED = ("/automation/run-now", "/automation/nightly")

type Handler = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers probes under any host name and scheme; it stands before everything that checks them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = {"/healthz": health.live, "/readyz": health.ready}.get(request.path.removesuffix("/"))
        return probe(request) if probe else self.get_response(request)


class DeskMiddleware:
    """For pages: times in the person's own time zone, uncaught errors as pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/desk/") or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(person_zone(request.user.time_zone)):
            response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response["Allow"]
            response = answer_error(request, MethodNotAllowed(_("This address cannot be opened like a page.")))
            response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_error(request, exception) if isinstance(exception, DomainError) else None


class EndlessZone(ZoneInfo):
    """A time zone in which the first and the last hours of the calendar can be shown as well: in UTC."""

    def fromutc(self, dt: datetime, /) -> datetime:
        try:
            return super().fromutc(dt)
        except OverflowError:
            return dt


def person_zone(name: str) -> ZoneInfo:
    """The zone that a person chose; UTC where this machine does not know it."""
    try:
        return EndlessZone(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


class RequestShapeMiddleware:
    """Takes one trailing slash off API paths, and refuses bodies that nothing behind it could read."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.endswith("/") and not (request.path_info + "/").startswith(("//", *PAGE_PREFIXES)):
            request.path_info = request.path_info[:-1]
        if request.path_info in BODY_IGNORED:
            return self.get_response(request)
        limit, shown = _body_limit(request)
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "") and not request.META.get("CONTENT_LENGTH"):
            _measure_while_reading(request, limit)
        if _content_length(request) > limit:
            return answer_error(request, TooLarge(_("The body is larger than %(limit)s.") % {"limit": shown}))
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
            return answer_error(request, UnsupportedMediaType(_("Send text in UTF-8.")))
        return self.get_response(request)


class _ChunkedBody:
    """A body that did not say how long it is, as it comes in. Raises RequestDataTooBig past the limit."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self.stream = stream
        self.left = limit

    def read(self, size: int) -> bytes:
        return self._count(self.stream.read(size))

    def readline(self, size: int) -> bytes:
        return self._count(self.stream.readline(size))

    def _count(self, data: bytes) -> bytes:
        self.left -= len(data)
        if self.left < 0:
            raise RequestDataTooBig
        return data


def _measure_while_reading(request: HttpRequest, limit: int) -> None:
    """Django reads as many bytes as a request announces: let it announce the most it may have."""
    request.META["CONTENT_LENGTH"] = str(limit)
    body = _ChunkedBody(request.META["wsgi.input"], limit)
    request._stream = LimitedStream(body, limit + 1)  # type: ignore[assignment, arg-type]  # needs no more than these


def _content_length(request: HttpRequest) -> int:
    value = str(request.META.get("CONTENT_LENGTH") or "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0


def _body_limit(request: HttpRequest) -> tuple[int, str]:
    if request.content_type == "multipart/form-data":
        return settings.CSV_UPLOAD_MAX_MB * 1_000_000, f"{settings.CSV_UPLOAD_MAX_MB} MB"
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE, f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes"
