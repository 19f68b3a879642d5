"""Migrated databases that are made once in a run; whoever needs one takes a copy. past.py beside this has old ones.

Migrating takes some seconds of the processor, and each process of the tests and each installation would do it again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[3]
FOLDER = "READY_DATABASES"  # the variable with the folder of the run
MIGRATED = "migrated"  # PostgreSQL's database, and SQLite's file


@contextmanager
def migrating(url: str, folder: Path) -> Iterator[None]:
    """Begin to migrate one for the tests. It is in the folder of the run, or on the server of this address."""
    if url.startswith("sqlite"):
        url = f"sqlite:///{folder / MIGRATED}.sqlite3"
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {MIGRATED}")
        url = urlsplit(url)._replace(path=f"/{MIGRATED}").geturl()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.databases.migrating"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url, FOLDER: str(folder)},
            pass_fds=[lock.fileno()],  # so that the lock is its own, to its end
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def wait_until_migrated() -> bool:
    """Whether there is such a database; not on a server of somebody else's, where everybody migrates their own."""
    lock = Path(os.environ[FOLDER], "lock")
    if not lock.exists():
        return False
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
    return True


def migrated_file() -> Path:
    """SQLite's."""
    return Path(os.environ[FOLDER], f"{MIGRATED}.sqlite3")


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """What `make` has put there when it was called first; the others wait for it."""
    place = Path(os.environ[FOLDER], name)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            make(place)
    return place


def copy_database(source: Path, target: Path) -> None:
    """A file, or PostgreSQL's folder, whose owner has to be the same."""
    if source.is_dir():
        subprocess.run(["cp", "-Rp", source, target], check=True)
    else:
        shutil.copyfile(source, target)
