"""The WSGI application for any server but our own, which takes `config.site.starting.load`.

It does not start with a missing, short or placeholder secret.
"""

from __future__ import annotations

import logging

from config.site.notes import operator_notes
from config.site.starting import make_application

application = make_application()

for note in operator_notes():
    logging.getLogger("config.wsgi").warning(note)
