"""Probes for whoever watches over the processes."""

from __future__ import annotations

from functools import cache

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import ngettext

from config.database import availability
from config.errors import DatabaseUnavailable, DomainError
from config.exception_handler import answer_error
from config.site.notes import note_on_default_database, notes_on_storage
from config.times import iso
from csvsync.models import Run


class MigrationsMissing(DatabaseUnavailable):
    code = "migrations_missing"


def live(request: HttpRequest) -> HttpResponse:
    """200 while the process lives."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """200 while the database answers, has every migration and can be written, 503 otherwise.

    Also tells when a cycle was last done, why files of exchanges or attachments cannot be kept, if so, and where the
    data are if nobody has said where they should be.
    """
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
        availability.require_writable()
    except (DatabaseError, InterfaceError) as problem:
        return answer_error(request, availability.unavailability_of(problem) or DatabaseUnavailable())
    if missing := known_migrations() - applied:
        error: DomainError = MigrationsMissing()
        text = ngettext(
            "%(count)d migration is missing: run manage.py migrate.",
            "%(count)d migrations are missing: run manage.py migrate.",
            len(missing),
        )
        error.message = text % {"count": len(missing)}
        return answer_error(request, error)
    last = Run.objects.last_success()
    ok = {"status": "ok", "database": "ok", "migrations": "ok", "storage": " ".join(notes_on_storage()) or "ok"}
    note = note_on_default_database()
    noted = {"note": note} if note else {}
    return JsonResponse({**ok, "lastSuccessfulCycle": iso(last) if last else None, **noted})


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations that this code came with; they do not change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
