"""One worker process. supervisor.py starts it: `python -m config.server.worker`, with a socket that listens."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import resource
import signal
import socket
import sys
import traceback
from typing import Any

from waitress import wasyncore

from config.server.limits import Limits
from config.server.protocol import Admission, Application, Everyone
from config.server.server import Server
from config.server.supervisor import UNFIT

SPARE_FILES = 512  # for the application's own: databases, uploads, answers on their way


class Lifeline(wasyncore.file_dispatcher):
    """The reading end of a pipe whose other end only the supervisor holds: it ends when the supervisor does."""

    def __init__(self, fd: int, server: Server) -> None:
        super().__init__(fd, map=server._map)
        os.close(fd)  # it has made one of its own
        self.server = server

    def writable(self) -> bool:
        return False

    def handle_read(self) -> None:
        self.handle_close()

    def handle_close(self) -> None:
        self.close()
        self.server.stop()


def main(arguments: list[str]) -> int:
    # Ctrl-C in a terminal reaches all processes; what to do about it is for the supervisor to say. Until there is
    # something to finish, its order to stop ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    options = read_options(arguments)
    # What it says of clients that hang up, and of requests that wait for a thread, is of no use to an operator.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    try:
        application: Application = load(options.application)()
    except Exception:
        traceback.print_exc()
        return UNFIT
    admission: Admission = getattr(application, "admission", None) or Everyone()
    listener = socket.socket(fileno=options.listener)
    limits = Limits(**{"connections": most_connections(), **json.loads(options.limits)})
    server = Server(application, admission, listener, limits=limits, threads=options.threads)
    Lifeline(options.lifeline, server)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    server.run()
    return 0  # the interpreter still waits for threads that are no daemons, such as the one of a cycle


def read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--application", required=True, help="module:function that returns a WSGI application")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--limits", default="{}")
    return parser.parse_args(arguments)


def load(name: str) -> Any:
    module, _colon, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def most_connections() -> int:
    """As many as the limits of the system allow this process, which are raised as far as it may."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(64, min(Limits().connections, files - SPARE_FILES))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
