"""What every answer has in common, whichever view it comes from: HEAD, caches, compression."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

type Handler = Callable[[HttpRequest], HttpResponseBase]

# Who signs in or looks up who they are, and what is exported: not even the browser keeps it.
NEVER_STORED = ("/auth/", "/csv/export")


class HeadMiddleware:
    """Answers HEAD as GET, without the body, wherever GET is answered; views never see anything but GET.

    It takes back the method before the view is called, since a view that knows GET and POST, and asks only whether it
    is the one, would take HEAD for the other and change something. A view whose GET costs much can ask
    `config.requests.is_head`, which reads the method that was sent.
    """

    def __init__(self, get_response: Handler) -> None:
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

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if request.path.startswith(NEVER_STORED) or answer.headers.get("Content-Type", "").startswith("text/csv"):
            answer.headers["Cache-Control"] = "no-store"
        else:
            answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages, padded at random (BREACH), and nothing else.

    The tags of tickets stay as they are, which compression would turn into weak ones, and exports are sent as they
    are made.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
