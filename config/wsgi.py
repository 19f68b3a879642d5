"""The WSGI application. It does not start with a missing, short or placeholder secret."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

from config import env

env.require_strong_secrets()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class TolerantRequest(WSGIRequest):
    """Takes a Content-Type that cannot be parsed for none at all.

    Django refuses it before any middleware runs, which would be answered by the server itself, with a bare 500.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # not in the stubs
        except BadRequest:
            self.content_type, self.content_params = "", {}


django_application = get_wsgi_application()
django_application.request_class = TolerantRequest

# How much of a body that was refused unread is still taken in, in bytes and seconds.
UNREAD_BYTES = 64_000_000
UNREAD_SECONDS = 30


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django's, with an answer that also reaches clients which are still sending a body that nobody wants.

    The server cuts off a connection with unread data on it, and an answer that is on its way with it.
    """
    answer: Iterable[bytes] = django_application(environ, start_response)
    if "HTTP_EXPECT" not in environ:  # else the client waits for leave to send, and gets the answer instead
        _take_in_the_rest(environ)
    return answer


def _take_in_the_rest(environ: dict[str, Any]) -> None:
    left, end = UNREAD_BYTES, time.monotonic() + UNREAD_SECONDS
    while left > 0 and time.monotonic() < end and (chunk := environ["wsgi.input"].read(min(left, 1 << 16))):
        left -= len(chunk)


# A worker serves once it has loaded everything (any address brings all views), so that no first request pays for it.
from django.urls import reverse  # noqa: E402 - only now are the settings ready

from config.database import by_default  # noqa: E402 - the same
from triage.llm import warm_up  # noqa: E402 - the same

if words := by_default():
    logging.getLogger("config.database").warning(words)
reverse("home")
warm_up()
