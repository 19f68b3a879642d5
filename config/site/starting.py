"""How a process that serves is made ready: its application, and what it loads before its first request.

It stands on the roof, since every app may have something to load, such as triage the SDK of the language model. An app
cannot do that when it is imported: commands import it too, and would pay for what they do not use.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import Error, connection
from django.urls import reverse

from config import env
from config.site.tolerant_request import TolerantRequest

if TYPE_CHECKING:
    from config.site.admission import Desk

log = logging.getLogger("config.site.starting")

SETTINGS = "settings of this start"
RETRY_SECONDS = 60.0


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
    request_started.connect(begin_recording_settings, dispatch_uid=SETTINGS)
    return application


def begin_recording_settings(**_: object) -> None:
    """Enter into the record, by a thread of its own, which settings differ from the last start; once in a process.

    Not before the first request: a server that loads the application first and forks its workers then would hand them
    a pool of connections whose threads have stayed behind. And by a thread, since the database may be away.
    """
    if request_started.disconnect(dispatch_uid=SETTINGS):
        threading.Thread(target=_record_settings, name="settings", daemon=True).start()


def _record_settings() -> None:
    from accounts.record.settings import record_settings  # it knows models

    while True:
        try:
            record_settings()
        except Error as error:
            log.info("The settings of this start are not recorded yet: %s", error)
        else:
            return
        finally:
            connection.close()
        time.sleep(RETRY_SECONDS)


def load() -> Desk:
    """The application with its admission, as our own server serves it. Other servers take `config.wsgi.application`."""
    application = make_application()
    # These know models, which are ready only now.
    from accounts.letters import sender
    from config.site.admission import Desk

    if settings.HAS_MAIL:
        sender.wake()  # for what a process that has ended has not sent
    return Desk(application)
