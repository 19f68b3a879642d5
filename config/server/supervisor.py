"""Starts the workers, starts another where one has died, and stops them. It knows nothing of the application.

It has no signal handlers. The signals that it heeds are blocked, so the kernel keeps them, and `sigtimedwait` takes
them one after the other, in the one place where the loop is ready for them. Handlers would run between any two steps of
the loop: in the middle of starting a worker, say, which then nobody would stop, or just before a wait that they should
have ended. The wait also ends when a worker does (SIGCHLD), and otherwise twice a second, for deadlines.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess  # nosec B404 # for our own command only
import sys
import time
from collections.abc import Sequence

log = logging.getLogger("config.server")

UNFIT = 78  # how a worker ends that could not load the application; sysexits.h calls it EX_CONFIG
HEEDED = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
BETWEEN_STARTS = 1.0  # seconds between two starts in the same place, for a worker that dies at once
AFTER_FAILURE = 10.0  # the same for one that ended by itself: so soon, it has not loaded, and nor will the next one
IMPATIENT = 1.0  # a second Ctrl-C counts after so many seconds; until then it may be the same one, passed on
BACKLOG = 2_048  # connections that wait to be taken


def listen(host: str, port: int) -> socket.socket:
    """Exit with a sentence where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        sys.exit(f"Cannot listen on {host}, port {port} (BIND, PORT): {error.strerror}.")
    return listener


class Supervisor:
    """`command` starts a worker; it is given the numbers of the listening socket and of the lifeline.

    `beside` are commands of programs that run as long as the workers do and serve nobody. They get the lifeline only.
    """

    def __init__(
        self,
        listener: socket.socket,
        command: Sequence[str],
        *,
        workers: int,
        stop_seconds: float,
        beside: Sequence[Sequence[str]] = (),
    ) -> None:
        self.listener, self.stop_seconds, self.serving = listener, stop_seconds, workers
        # A pipe into which nobody ever writes. The workers hold its reading end and this process alone the other one,
        # which the kernel closes when this process dies, even by SIGKILL. That wakes the workers' loops at once;
        # looking for the number of the parent now and then would tell them late.
        lifeline, self._held = os.pipe()
        files = (listener.fileno(), lifeline)
        serve = ([*command, f"--listener={files[0]}", f"--lifeline={files[1]}"], files)
        # What is started in each place, and the files that it inherits.
        self.places = [serve] * workers + [([*other, f"--lifeline={lifeline}"], files[1:]) for other in beside]
        self.workers: list[subprocess.Popen[bytes] | None] = [None] * len(self.places)
        self.started = [-BETWEEN_STARTS] * len(self.places)
        self.pauses = [BETWEEN_STARTS] * len(self.places)
        self.replaced = [False] * workers
        self.told: float | None = None  # when it was told to stop
        self.code = 0

    def run(self) -> int:
        """The exit code, once it has been told to stop and every worker has ended."""
        # Before the first worker is started, so that no signal is missed. Workers begin with the same mask, and lift it
        # first of all (config/server/worker.py).
        signal.pthread_sigmask(signal.SIG_BLOCK, HEEDED)
        while True:
            self.reap()
            if self.told is None:
                self.start_missing()
            elif not any(self.workers):
                return self.code
            elif time.monotonic() > self.told + self.stop_seconds:
                self.send(signal.SIGKILL)
            received = signal.sigtimedwait(HEEDED, 0.5)
            if received and received.si_signo != signal.SIGCHLD:
                self.heed(received.si_signo)

    def heed(self, signo: int) -> None:
        now = time.monotonic()
        if self.told is None:
            self.stop()
        elif signo == signal.SIGINT and now > self.told + IMPATIENT:
            self.send(signal.SIGKILL)

    def stop(self) -> None:
        """New connections are refused from here on; what has been asked for is still answered."""
        self.told = time.monotonic()
        self.listener.close()
        self.send(signal.SIGTERM)

    def send(self, signo: int) -> None:
        for worker in self.workers:
            if worker:
                worker.send_signal(signo)

    def start_missing(self) -> None:
        for place, worker in enumerate(self.workers):
            if worker is None and time.monotonic() >= self.started[place] + self.pauses[place]:
                self.started[place] = time.monotonic()
                self.workers[place] = self.start(*self.places[place])

    def start(self, command: Sequence[str], files: Sequence[int]) -> subprocess.Popen[bytes] | None:
        """None where the system gives no memory or process for one now; the other workers go on."""
        try:
            return subprocess.Popen(command, pass_fds=files)  # noqa: S603  # nosec B603 # our own command
        except OSError as error:
            log.error("No worker can be started, which is tried again: %s", error)
            return None

    def reap(self) -> None:
        for place, worker in enumerate(self.workers):
            if worker is None or worker.poll() is None:
                continue
            self.workers[place] = None
            if self.told is not None:
                continue
            serves = place < self.serving
            if serves and worker.returncode == UNFIT and not any(self.replaced):
                self.code = 1  # it has never worked: whoever starts it should learn that now
                self.stop()
            else:
                log.error("Worker %d %s; another one is started.", worker.pid, ending(worker.returncode))
                if serves:
                    self.replaced[place] = True
                self.pauses[place] = AFTER_FAILURE if worker.returncode > 0 else BETWEEN_STARTS


def ending(code: int) -> str:
    """How a process ended, in words that follow its name."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
