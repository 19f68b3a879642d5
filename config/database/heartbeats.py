"""Signs of life in the database, from whoever is busy elsewhere for long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import Error, connection

log = logging.getLogger(__name__)


@contextmanager
def heartbeats(beat: Callable[[], object], *, every: float) -> Iterator[None]:
    """Calls `beat`, which writes a sign of life, from a thread of its own, until the end of the block.

    `every` is in seconds; a block that ends sooner costs a thread that has nothing to do, and no query.
    """
    over = threading.Event()
    thread = threading.Thread(target=_keep_on, args=(beat, every, over), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _keep_on(beat: Callable[[], object], every: float, over: threading.Event) -> None:
    while not over.wait(every):
        try:
            beat()
        except Error as error:
            # On SQLite an import holds the write lock, and so keeps its own heartbeat from being written. That does no
            # harm: nobody can put another in its place before that lock is released.
            log.warning("A heartbeat could not be written: %s", error)
        finally:
            connection.close()
