"""Everything that grows without end is trimmed here: after each cycle, and by `manage.py tidy`."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


@dataclass
class Tidied:
    """How much of what was removed, and why something could not be."""

    removed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def tidy() -> Tidied:
    """Do all that the setting TIDY lists. One that fails is logged and does not keep the others from being done."""
    done = Tidied()
    for name, path in settings.TIDY.items():
        try:
            done.removed[name] = import_string(path)()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next time may be better
            log.warning("Could not tidy up %s: %s", name, error)
            done.failed[name] = f"{type(error).__name__}: {error}"
    if any(done.removed.values()):
        log.info("Tidied up: %s.", ", ".join(f"{count} {name}" for name, count in done.removed.items() if count))
    return done


def remove_expired_sessions() -> int:
    """Delete sessions that have expired, with the forms that were kept in them; returns how many sessions."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
