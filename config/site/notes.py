"""What an operator should hear of an installation that works, though perhaps not as they meant it."""

from __future__ import annotations

from django.conf import settings

from config import env
from csvsync.runs import storage as exchange_files
from tickets.attachments import storage as attached_files


def operator_notes() -> list[str]:
    """In sentences, for whoever starts the product.

    Whoever starts the processes prints them, once. With our own server that is config/serve/, and its workers are
    silent; with another server it is `config/wsgi.py`.
    """
    note = note_on_default_database()
    return [*([note] if note else []), *notes_on_storage()]


def notes_on_storage() -> list[str]:
    """Why files of exchanges, or attachments, cannot be kept now; nothing where they can."""
    return [problem for problem in (exchange_files.problem(), attached_files.problem()) if problem]


def note_on_default_database() -> str | None:
    """Where an installation that has not set DATABASE_URL keeps its data; None for one that has."""
    if env.text("DATABASE_URL"):
        return None
    return (
        f"DATABASE_URL is not set, so the desk keeps its data in SQLite, in {settings.DATABASES['default']['NAME']}. "
        "Set it to an address such as postgresql://user:password@host:5432/name for PostgreSQL, or to "
        "sqlite:////absolute/path for another file."
    )
