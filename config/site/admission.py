"""The product as the server loads it, and its answers to what the server asks before it reads a body.

`config.site.starting.load` imports it, once Django is ready.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, cast

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from rest_framework.request import Request

from accounts.models import User
from accounts.signing_in.sessions import lead_to_sign_in
from accounts.signing_in.tokens import TokenAuthentication
from config.errors import (
    DomainError,
    HeadersTooLarge,
    InternalError,
    NotFound,
    NotImplementedHere,
    StorageUnavailable,
    TooManyUploads,
    TooSlow,
    Unauthorized,
)
from config.exception_handler import PAGE_PREFIXES, answer_error, as_domain_error
from config.server.protocol import Answer, Application, BodyRule, Environ, Refusal
from config.site import health
from config.site.middleware import BODY_IGNORED, CacheMiddleware, body_limit, too_large, without_slash
from config.site.proxies import is_trusted
from config.site.tolerant_request import TolerantRequest
from csvsync.api.cron_secret import require_cron_secret

log = logging.getLogger("config.server")

LIVE = "/healthz"
NIGHTLY = "/automation/nightly"


class Desk:
    """The WSGI application with its admission."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.admission = DeskAdmission()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self.application(environ, start_response)


class DeskAdmission:
    """See config.server.protocol.Admission."""

    def is_proxy(self, address: str) -> bool:
        return is_trusted(address)

    def at_once(self, environ: Environ) -> Answer | None:
        """Whether this process lives must not depend on a free thread."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ["PATH_INFO"].removesuffix("/") != LIVE:
            return None
        return _answer(environ, health.live)

    def body_rule(self, environ: Environ) -> BodyRule:
        if without_slash(environ["PATH_INFO"]) in BODY_IGNORED:
            return BodyRule(limit=1 << 40, ignored=True)
        return BodyRule(limit=body_limit(environ["PATH_INFO"], environ.get("CONTENT_TYPE", "")))

    def judge(self, environ: Environ) -> Answer | None:
        with _own_connections():
            request = TolerantRequest(environ)
            try:
                refused = _who_is_it(request)
            except Exception as error:
                known = as_domain_error(error)
                if known is None:
                    log.exception("It cannot be said who sends a body.")
                refused = answer_error(request, known or InternalError())
            return None if refused is None else _answer(environ, lambda _request: refused)

    def refuse(self, environ: Environ, refusal: Refusal) -> Answer:
        error = _error_of(environ, refusal)
        return _answer(environ, lambda request: answer_error(request, error))


def _who_is_it(request: WSGIRequest) -> HttpResponse | None:
    """Why this person may not send a large body here.

    None where they may. Raises DomainError, and as the database does.
    """
    try:
        resolve(request.path_info if request.path_info.startswith(PAGE_PREFIXES) else without_slash(request.path_info))
    except Resolver404:
        raise NotFound from None
    if request.path_info.startswith(PAGE_PREFIXES):
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(
            request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        )
        return None if isinstance(get_user(request), User) else lead_to_sign_in(request)
    if without_slash(request.path_info) == NIGHTLY:
        require_cron_secret(Request(request))
    elif TokenAuthentication().authenticate(Request(request)) is None:
        raise Unauthorized
    return None


def _error_of(environ: Environ, refusal: Refusal) -> DomainError:
    match refusal:
        case Refusal.TOO_LARGE:
            return too_large(environ["PATH_INFO"], environ.get("CONTENT_TYPE", ""))
        case Refusal.TOO_SLOW:
            return TooSlow()
        case Refusal.HEADERS_TOO_LARGE:
            return HeadersTooLarge()
        case Refusal.NOT_IMPLEMENTED:
            return NotImplementedHere()
        case Refusal.TOO_MANY_UPLOADS:
            return TooManyUploads()
        case Refusal.NO_ROOM:
            return StorageUnavailable()
        case Refusal.BROKEN:
            return InternalError()
    return DomainError()


def _answer(environ: Environ, view: Callable[[HttpRequest], HttpResponse]) -> Answer:
    """What the view answers, with the headers that stand on every answer."""
    response = cast(HttpResponse, CorsMiddleware(CacheMiddleware(view))(TolerantRequest(environ)))
    headers = [*response.items(), *(("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values())]
    return Answer(f"{response.status_code} {response.reason_phrase}", headers, response.content)


@contextmanager
def _own_connections() -> Iterator[None]:
    """As around a request: connections that have failed are not used, and all are given back."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
