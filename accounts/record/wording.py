"""An entry of the record in words, and many of them as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import AuditEntry
from config.spreadsheet import csv_lines
from config.times import iso

ROWS_AT_ONCE = 1000


def details(entry: AuditEntry) -> str:
    """What goes with the act: `role: ASSOCIATE → MANAGER; is_staff: False → True`."""
    told = entry.changes
    if entry.action == AuditEntry.Action.SETTINGS:
        told = entry.changes.get("changed") or {_("settings"): _("first start that is recorded")}
    # Sorted, since the databases keep the names of JSON in orders of their own.
    return "; ".join(f"{name}: {_words(value)}" for name, value in sorted(told.items()))


def _words(value: Any) -> str:
    match value:
        case [old, new]:
            return f"{_plain(old)} → {_plain(new)}"
        case dict():
            return ", ".join(f"{name} {_plain(one)}" for name, one in sorted(value.items()))
    return _plain(value)


def _plain(value: Any) -> str:
    return "—" if value in (None, "") else str(value)


def as_csv(entries: QuerySet[AuditEntry]) -> Iterator[bytes]:
    """These entries for a spreadsheet, newest first, in UTC.

    They are read a thousand at a time, each time from where the last ended: no cursor outlives its statement, and
    entries that are added meanwhile move nothing.
    """
    return csv_lines(_rows(entries.select_related("actor", "subject").order_by("-pk")))


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    yield [_("When (UTC)"), _("Who"), _("What"), _("Whom"), _("Details"), _("From where")]
    some = list(entries[:ROWS_AT_ONCE])
    while some:
        for entry in some:
            people = [str(person or "") for person in (entry.actor, entry.subject)]
            what = entry.get_action_display()
            yield [iso(entry.created_at), people[0], what, people[1], details(entry), entry.origin]
        some = list(entries.filter(pk__lt=some[-1].pk)[:ROWS_AT_ONCE])
