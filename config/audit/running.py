"""Asking every app whether what it stores holds together.

An app names its checks in the setting AUDITS: functions that take a Scope and yield a Finding for each thing that is
wrong. All of them read one snapshot of the database, so a desk that is being worked on looks to them as if it stood
still. What is kept outside of the database has no snapshot; checks of that stand in AUDITS_OF_FILES, are carried out
afterwards, and have to bear that something changes meanwhile. A check of many rows may hand parts of them to other
processes (config/audit/sharing.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.module_loading import import_string

from config.audit.findings import Finding, Scope
from config.audit.sharing import shared_snapshot
from config.database.statistics import gather_statistics


def findings(scope: Scope) -> Iterator[Finding]:
    """Everything that is wrong. Call it outside of transactions, and take it to its end.

    Raises config.audit.assistants.Lost where not all could be looked at.
    """
    gather_statistics()  # as long as they are old, the planner may read all of a table for each part of it
    with shared_snapshot(scope):
        yield from _carried_out(settings.AUDITS, scope)
    yield from _carried_out(settings.AUDITS_OF_FILES, scope)


def _carried_out(checks: list[str], scope: Scope) -> Iterator[Finding]:
    """All are called before the first is gone through, so that other processes begin with what is handed to them."""
    for found in [import_string(path)(scope) for path in checks]:
        yield from found
