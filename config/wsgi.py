"""The WSGI application. It does not start with a missing, short or placeholder secret."""

import os

from django.core.wsgi import get_wsgi_application

from config import env

env.require_strong_secrets()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from triage.llm import warm_up  # noqa: E402  # only now are the settings ready

warm_up()
