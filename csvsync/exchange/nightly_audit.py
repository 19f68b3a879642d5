"""The audit after the nightly cycle, where AUDIT_NIGHTLY says so. Its result is kept, and its findings are mailed."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Thread

from django.conf import settings
from django.db import connection

from config import clock
from config.audit.findings import Finding, Scope
from csvsync.exchange import notices
from tickets.audit.results import carry_out
from tickets.models import Audit

log = logging.getLogger(__name__)

# The cycle may run more often than once a night. Some hours less than a day, since a night's job does not always begin
# at the same minute.
PAUSE = timedelta(hours=20)


def begin() -> None:
    """Audit in a thread, unless that is not wanted or was done lately.

    Whoever has asked for the cycle over HTTP does not wait for it; a process that is asked to stop finishes it first.
    """
    if settings.AUDIT_NIGHTLY:
        Thread(target=_audit, name="audit", daemon=False).start()


def _audit() -> None:
    try:
        if not Audit.objects.filter(nightly=True, started_at__gt=clock.now() - PAUSE).exists():
            audit = carry_out(Scope(), _log, nightly=True)
            log.info("The nightly audit has %d findings.", audit.found)
            if audit.found:
                first = "\n".join(f"{subject}: {problem}" for subject, problem, _advice in audit.findings[:10])
                notices.audited(audit.found, first)
    except Exception:
        log.exception("The nightly audit could not be carried out.")
    finally:
        connection.close()


def _log(finding: Finding) -> None:
    log.error("Audit: %s", finding)
