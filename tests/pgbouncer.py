"""A PgBouncer in transaction mode before a throwaway cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.postgres import NOBODY, START_SECONDS, Cluster

PORT = 6432
# Fewer connections to the server than clients, so that no client keeps one for itself.
CONFIGURATION = """
[databases]
* = host={folder} user=postgres

[pgbouncer]
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 4
logfile = {folder}/pgbouncer.log
"""


@contextmanager
def pgbouncer(cluster: Cluster) -> Iterator[str]:
    """The value of DATABASE_URL that leads through it."""
    file = cluster.folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(folder=cluster.folder, port=PORT))
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    process = subprocess.Popen([*as_user, program, "-q", str(file)], cwd=cluster.folder)
    address, _slash, database = cluster.url().rpartition("/")
    url = f"{address}:{PORT}/{database}"
    try:
        _wait_until_ready(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
