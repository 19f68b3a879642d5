"""The production server as a child process, on a port of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.serve.command import APPLICATION, server_command
from tests.support.patience import PATIENCE
from tests.support.processes import children_of

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_environment(database_url: str, **variables: str) -> dict[str, str]:
    """This process's environment with good secrets, without a `.env`, and with `variables` on top."""
    own = {
        "PYTHON_DOTENV_DISABLED": "1",
        "DATABASE_URL": database_url,
        "JWT_SECRET": secrets.token_urlsafe(48),
        "CRON_SECRET": secrets.token_urlsafe(48),
    }
    return {**os.environ, **own, **variables}


@contextmanager
def running_server(
    environment: Mapping[str, str], application: str = APPLICATION, *, workers: int = 1, **limits: float
) -> Iterator[str]:
    """The address of a server that answers; it is stopped at the end. The database must have been migrated.

    A worker takes a second of the processor to load the product, so there is one where the test is not about several.
    `limits` differ from those of config.server.limits.
    """
    port = free_port()
    command = server_command("127.0.0.1", port, application, workers=workers, **limits)
    process = subprocess.Popen(command, cwd=ROOT, env={**environment, "PORT": str(port)}, process_group=0)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_live(address, process)
        yield address
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end. One that does not is killed with all its processes, and that fails the test.

    What is left of a server would keep its sessions in the database of the tests that follow.
    """
    process.terminate()
    try:
        process.wait(PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class KillableServer:
    """A server in a group of its own, as a service manager starts it; it listens on the same port each time."""

    def __init__(self, environment: Mapping[str, str], application: str = APPLICATION) -> None:
        self.environment, self.application = environment, application
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = server_command("127.0.0.1", self.port, self.application)
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        wait_until_live(self.address, self.process)

    @property
    def workers(self) -> list[int]:
        return children_of(self.process.pid)

    def kill(self) -> None:
        """All of it, as a service manager does with what is left of a service whose first process has died."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


def wait_until_live(address: str, process: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError when the process ends, or takes too long."""
    end = time.monotonic() + PATIENCE
    while True:
        try:  # it listens before it has loaded everything, so an answer may take a while
            urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE).close()
            return
        except (OSError, http.client.HTTPException):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start (exit code {process.poll()})") from None
            time.sleep(0.05)
