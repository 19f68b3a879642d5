"""Carrying out an audit and keeping what it has found, for support staff to see."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from itertools import islice

from django.db import Error
from django.db.models import Sum

from config import clock
from config.audit.findings import Finding, Scope
from config.audit.running import findings
from tickets.audit import sealing
from tickets.models import Audit, TicketSequence

log = logging.getLogger(__name__)

FINDINGS_KEPT = 200
AUDITS_KEPT = 400
# For fewer tickets another process takes longer to start than it saves. More than some processes wait for the database.
TICKETS_TO_SHARE = 50_000
PROCESSES = 4


def carry_out(scope: Scope, tell: Callable[[Finding], None], *, nightly: bool = False) -> Audit:
    """Audit what the scope says; `tell` is called for each finding. The audit that was kept, if it could be.

    Call it outside of transactions. Raises config.audit.assistants.Lost where not all could be looked at, and then
    keeps nothing.
    """
    sealing.number_all_events()
    began, kept, found = clock.now(), list[Finding](), 0
    for finding in findings(scope):
        found += 1
        tell(finding)
        if len(kept) < FINDINGS_KEPT:
            kept.append(finding)
    audit = Audit(
        started_at=began,
        finished_at=max(began, clock.now()),
        nightly=nightly,
        ticket=scope.ticket or "",
        since=scope.since or "",
        seal=scope.seal or "",
        looked_at=scope.looked_at,
        found=found,
        findings=[[finding.subject, finding.problem, finding.advice] for finding in kept],
    )
    try:
        _keep(audit)
        for act in scope.afterwards:
            act()
    except Error as error:  # on a standby nothing can be written, and an audit of it is worth as much
        log.warning("The audit could not be kept: %s", error)
    return audit


def processes_worth_having() -> int:
    """How many processes an audit of all tickets makes use of: as many as there are processors, up to four."""
    given = TicketSequence.objects.aggregate(given=Sum("last_sequence"))["given"] or 0
    return 1 if given < TICKETS_TO_SHARE else min(_processors(), PROCESSES)


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _keep(audit: Audit) -> None:
    Audit.objects.bulk_create([audit])
    for old in islice(Audit.objects.newest_first(), AUDITS_KEPT, None):
        old.delete()
