"""What every request passes on its way to a view, and every answer on its way back.

Of requests: probes, the person's time zone, and bodies that nothing behind could read. Of answers: HEAD, caches and
compression. Proxies and schemes are in proxies.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.signing_in.sessions import remember_person
from config.errors import DomainError, MethodNotAllowed, TooLarge, UnsupportedMediaType
from config.exception_handler import PAGE_PREFIXES, answer_error
from config.site import health
from config.zones import person_zone

# Whatever body comes along there, and of whatever type, nobody looks at it.
BODY_IGNORED = ("/automation/run-now", "/automation/nightly")

# Where one attachment is uploaded, with a slash or without, and where forms bring as many as a ticket may have; and how
# many bytes a body has beside its files at most.
ATTACHMENTS = re.compile(r"/tickets/[^/]+/attachments/?|/desk/uploads/")
FORMS = re.compile(r"/desk/tickets/(?:new|[^/]+/(?:attachments|comments|edit))/")
AROUND_A_FILE = 100_000

# Who signs in or looks up who they are, and what is exported: not even the browser keeps it.
NEVER_STORED = ("/auth/", "/csv/export")

type Handler = Callable[[HttpRequest], HttpResponse]
# Outside of what may answer with a stream.
type OuterHandler = Callable[[HttpRequest], HttpResponseBase]


class HeadMiddleware:
    """Answers HEAD as GET, without the body, wherever GET is answered; views never see anything but GET.

    It takes back the method before the view is called, since a view that knows GET and POST, and asks only whether it
    is the one, would take HEAD for the other and change something. A view whose GET costs much can ask
    `config.requests.is_head`, which reads the method that was sent.
    """

    def __init__(self, get_response: OuterHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        answer = self.get_response(request)
        request.method = "HEAD"
        if isinstance(answer, HttpResponse):
            answer.headers.setdefault("Content-Length", str(len(answer.content)))
            answer.content = b""
        else:
            # The stream of the body is swapped for an empty one, unread: reading it for its length would cost as
            # much as GET does. Nor need it be closed here. Django remembers each stream that an answer ever had, and
            # closes them when the server closes the answer, which lets go of the cursors and files that this one holds.
            answer.streaming_content = ()  # type: ignore[attr-defined]  # a StreamingHttpResponse
        return answer


class CacheMiddleware:
    """`private, no-cache` on what does not say anything else; `no-store` on what nobody shall keep, errors included.

    Static files say for how long they may be kept.
    """

    def __init__(self, get_response: OuterHandler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if request.path.startswith(NEVER_STORED) or answer.headers.get("Content-Type", "").startswith("text/csv"):
            answer.headers["Cache-Control"] = "no-store"
        else:
            answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer


class HealthMiddleware:
    """Answers probes under any host name and scheme; it stands before everything that checks them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = {"/healthz": health.live, "/readyz": health.ready}.get(request.path.removesuffix("/"))
        return probe(request) if probe else self.get_response(request)


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages, padded at random (BREACH), and nothing else.

    The tags of tickets stay as they are, which compression would turn into weak ones, and exports are sent as they
    are made.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class DeskMiddleware:
    """For pages: times in the person's own time zone, uncaught errors as pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/desk/"):
            return self.get_response(request)
        if request.user.is_authenticated:
            with timezone.override(person_zone(request.user.time_zone)):
                response = self.get_response(request)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                allowed = response["Allow"]
                response = answer_error(request, MethodNotAllowed(_("This address cannot be opened like a page.")))
                response["Allow"] = allowed
        else:
            response = self.get_response(request)
        remember_person(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_error(request, exception) if isinstance(exception, DomainError) else None


class RequestShapeMiddleware:
    """Takes one trailing slash off API paths, and refuses bodies that nothing behind it could read."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.path_info = without_slash(request.path_info)
        if request.path_info in BODY_IGNORED:
            return self.get_response(request)
        content_type = request.META.get("CONTENT_TYPE", "")
        if _content_length(request) > body_limit(request.path_info, content_type):
            return answer_error(request, too_large(request.path_info, content_type))
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
            return answer_error(request, UnsupportedMediaType(_("Send text in UTF-8.")))
        return self.get_response(request)


def without_slash(path: str) -> str:
    """An API path without the one slash at its end that it may have; other paths as they are."""
    is_page = (path + "/").startswith(("//", *PAGE_PREFIXES))
    return path[:-1] if path.endswith("/") and not is_page else path


def body_limit(path: str, content_type: str) -> int:
    """The most bytes that a body of this type may have at this path."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if ATTACHMENTS.fullmatch(path):
        return settings.ATTACHMENT_MAX_MB * 1_000_000 + AROUND_A_FILE
    if FORMS.fullmatch(path):
        return settings.TICKET_ATTACHMENTS_MAX_MB * 1_000_000 + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return settings.CSV_UPLOAD_MAX_MB * 1_000_000


def too_large(path: str, content_type: str) -> TooLarge:
    limit = body_limit(path, content_type)
    shown = f"{limit} bytes" if limit % 1_000_000 else f"{limit // 1_000_000} MB"
    return TooLarge(_("The body is larger than %(limit)s.") % {"limit": shown})


def _content_length(request: HttpRequest) -> int:
    value = str(request.META.get("CONTENT_LENGTH") or "")
    # The first digits suffice to see that so many bytes are too many; turning a long text into a number takes long.
    return int(value.lstrip("0")[:19] or "0") if value.isascii() and value.isdigit() else 0
