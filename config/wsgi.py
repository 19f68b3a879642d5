"""The WSGI application. It does not start with a missing, short or placeholder secret."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

from config import env

if TYPE_CHECKING:
    from config.site.admission import Desk

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


application = get_wsgi_application()
application.request_class = TolerantRequest

# A worker serves once it has loaded everything (any address brings all views), so that no first request pays for it.
from django.conf import settings  # noqa: E402 - only now are they ready
from django.urls import reverse  # noqa: E402 - the same

from config.database.trouble import by_default  # noqa: E402 - the same
from csvsync.runs.folder import problem  # noqa: E402 - the same
from triage.llm.chat import warm_up  # noqa: E402 - the same

if words := by_default():
    logging.getLogger("config.database.trouble").warning(words)
if words := problem():
    logging.getLogger("csvsync.runs.folder").warning(words)
reverse("home")
warm_up()


def load() -> Desk:
    """What our own server serves; others take `application`."""
    from accounts.letters import sender
    from config.site.admission import Desk

    if settings.HAS_MAIL:
        sender.wake()  # for what a process that has ended has not sent
    return Desk(application)
