"""The static files, gathered in one folder under names that change with them, and compressed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from whitenoise.compress import Compressor


def collect_static_files() -> None:
    """Compressing takes seconds, so it is left out while no file has changed since the last time."""
    digest = static_files_digest()
    done = settings.STATIC_ROOT / ".sources"
    if done.exists() and done.read_text() == digest:
        return
    print("Collecting and compressing static files.", flush=True)
    manifest = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    collecting: dict[str, object] = {
        "STORAGES": {**settings.STORAGES, **manifest},  # the settings choose it by themselves once there is a manifest
        "WHITENOISE_SKIP_COMPRESS_EXTENSIONS": (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"),
    }
    for name, value in collecting.items():
        setattr(settings, name, value)
    # Redoc, which comes along with Swagger UI, and DRF's own pages are not used, and would take most of the time.
    unused = ["redoc", "rest_framework"]
    call_command("collectstatic", interactive=False, clear=True, ignore_patterns=unused, verbosity=0)
    done.write_text(digest)


def static_files_digest() -> str:
    """A digest of the names, sizes and times of all files that would be collected."""
    # Not at the top: a start that collects nothing would load it, with all of the storages, for nothing.
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
