"""The WSGI application. It does not start with a missing, short or placeholder secret."""

import os

from django.core.wsgi import get_wsgi_application

from config import env

env.require_strong_secrets()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# A worker serves once it has loaded everything (any address brings all views), so that no first request pays for it.
from django.urls import reverse  # noqa: E402 - only now are the settings ready

from triage.llm import warm_up  # noqa: E402 - the same

reverse("home")
warm_up()
