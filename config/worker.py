"""The application as a worker process of the server loads it. Imports little, so that it soon minds signals."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any


def load_application() -> Callable[..., Any]:
    """Called once in each worker, on its main thread.

    Workers of granian are forked with the handlers of the first process, which would swallow the order to stop while
    the application is loading. And Ctrl-C reaches every process of a terminal, but a worker that is interrupted and
    then told to stop by the first process does not end: so only the first process hears it.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    from config.wsgi import application

    return application
