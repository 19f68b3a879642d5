"""A PgBouncer in transaction mode before a throwaway cluster."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.databases.postgres import Cluster, as_nobody, wait_until_answering
from tests.support.patience import PATIENCE

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
server_login_retry = 1
logfile = {folder}/pgbouncer.log
"""


@contextmanager
def pgbouncer(cluster: Cluster) -> Iterator[str]:
    """The value of DATABASE_URL that leads through it."""
    file = cluster.folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(folder=cluster.folder, port=PORT))
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    process = subprocess.Popen([*as_nobody(), program, "-q", str(file)], cwd=cluster.folder)
    address, _slash, database = cluster.url().rpartition("/")
    url = f"{address}:{PORT}/{database}"
    try:
        wait_until_answering(url, process)
        yield url
    finally:
        process.terminate()  # at once, whoever is connected
        process.wait(PATIENCE)
