"""Finding the run that an address names, for pages and API alike."""

from __future__ import annotations

from config.ids import parse_uuid
from csvsync.errors import RunNotFound
from csvsync.models import Run


def find_run(text: str) -> Run:
    """The run that an address names. Raises RunNotFound."""
    try:
        run = Run.objects.with_people().filter(pk=parse_uuid(text)).first()
    except ValueError as error:
        raise RunNotFound from error
    if run is None:
        raise RunNotFound
    return run
