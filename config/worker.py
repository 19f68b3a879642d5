"""The application as a worker process of the server loads it. Imports little, so that it soon minds signals."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any


def load_application() -> Callable[..., Any]:
    """Called once in each worker, on its main thread, before granian sets its handlers.

    A terminal (Ctrl-C) and systemd signal all processes at once, and the first process then tells its workers to stop
    as well. A worker of granian that is told twice never ends, and one that is told while it still loads forgets it.
    So workers leave interrupts to the first process, and heed the first order to stop alone.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    threading.Thread(target=_stop_once, name="stop", daemon=True).start()

    from config.wsgi import application

    return application


def _stop_once() -> None:
    """Wait for the order, then do what granian would."""
    signal.sigwait({signal.SIGTERM})
    handler = signal.getsignal(signal.SIGTERM)
    if callable(handler):
        handler(signal.SIGTERM, None)
    else:  # still loading: nothing to finish
        os._exit(0)
