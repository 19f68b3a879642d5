"""How a process that serves is made ready: its application, and what it loads before its first request.

It stands on the roof, since every app may have something to load, such as triage the SDK of the language model. An app
cannot do that when it is imported: commands import it too, and would pay for what they do not use.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from config import env
from config.site.tolerant_request import TolerantRequest

if TYPE_CHECKING:
    from config.site.admission import Desk


def make_application() -> WSGIHandler:
    """The WSGI application, with all that its requests need loaded, so that no first request pays for it.

    Raises ImproperlyConfigured with a missing, short or placeholder secret.
    """
    env.require_strong_secrets()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    application = get_wsgi_application()
    application.request_class = TolerantRequest
    reverse("home")  # any address brings in the whole site map, and with it all views
    from triage.llm.chat import warm_up  # it may know models, which are ready only now

    warm_up()
    return application


def load() -> Desk:
    """The application with its admission, as our own server serves it. Other servers take `config.wsgi.application`."""
    application = make_application()
    # These know models, which are ready only now.
    from accounts.letters import sender
    from config.site.admission import Desk

    if settings.HAS_MAIL:
        sender.wake()  # for what a process that has ended has not sent
    return Desk(application)
