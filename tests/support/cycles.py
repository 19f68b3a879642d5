"""Cycles as they stand in the ledger while they run."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from config.server.processes import this_process
from csvsync.models import Run


def running(**fields: Any) -> Run:
    """A running cycle of this very process, unless `fields` say otherwise."""
    process, now = this_process(), timezone.now()
    values = {"host": process.host, "pid": process.pid, "process_started": process.started}
    return Run.objects.create(**{"kind": "CYCLE", "started_at": now, "heartbeat_at": now, **values, **fields})
