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

    So none takes HEAD for the other method that it knows. One whose GET costs much can ask `is_head`.
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
            # A stream is closed unread. What it holds is let go of when the server closes the answer.
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
