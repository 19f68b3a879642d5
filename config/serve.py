"""Starts the production server: `python -m config.serve`, from the project's folder.

With --demo it first makes a desk to try out (`./dev run`); with --collect it only gathers the static files.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError
from whitenoise.compress import Compressor

from config import env
from config.database import trouble
from config.server.supervisor import listen
from csvsync.runs import folder

APPLICATION = "config.wsgi:load"
WORKERS = 2
THREADS = 16  # a worker's; as many as its pool has connections
STOP_SECONDS = 20  # what a request may still take once the server is told to stop


def main(demo: bool) -> None:
    """Does not return: this process becomes the server, so that signals reach it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if demo:
        os.environ |= {"DEMO": "1", "DEBUG": "0"}
    try:
        env.require_strong_secrets()
        host, port = env.text("BIND", "127.0.0.1"), settings.PORT
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    listen(host, port).close()  # better now than after minutes of preparing
    for words in filter(None, (trouble.by_default(), folder.problem())):
        print(words, file=sys.stderr, flush=True)
    if demo:
        prepare_demo()
        print(f"The desk is at {settings.PUBLIC_URL}/. Ctrl-C stops it.", flush=True)
    os.execv(sys.executable, server_command(host, port))  # noqa: S606  # no shell is wanted


def server_command(host: str, port: int, application: str = APPLICATION, **limits: float) -> list[str]:
    """The words that start the server; `application` names a function that returns a WSGI application.

    `limits` are those of config.server.limits.Limits that shall differ from what they are there.
    """
    options = {
        "host": host,
        "port": port,
        "application": application,
        "workers": WORKERS,
        "threads": THREADS,
        "stop-seconds": STOP_SECONDS,
        "limits": json.dumps(limits),
    }
    return [sys.executable, "-m", "config.server", *(f"--{name}={value}" for name, value in options.items())]


def prepare_demo() -> None:
    """Migrations, static files and demo data in one process, leaving out what is done already."""
    # A single connection: a pool would wait and try again where this had better say at once what is wrong.
    settings.DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
    django.setup()
    try:
        if migrations_missing():
            call_command("migrate", interactive=False, verbosity=1)
        collect_static_files()
        call_command("demo")
    except OperationalError as error:
        sys.exit(f"The database that DATABASE_URL names does not answer: {error}")


def migrations_missing() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


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
    """Of the names, sizes and times of all files that would be collected."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["--collect"]:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
            django.setup()
            collect_static_files()
        else:
            main(demo=sys.argv[1:] == ["--demo"])
    except KeyboardInterrupt:
        sys.exit(130)
