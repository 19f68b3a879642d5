"""`python -m config.server --host … --port … --application module:function`; config/serve/command.py composes it."""

from __future__ import annotations

import argparse
import json
import logging
import sys

from config.server.supervisor import Supervisor, listen


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--application", required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--stop-seconds", type=float, required=True)
    parser.add_argument("--limits", default="{}")
    parser.add_argument("--beside", default="[]", help="commands that run as long as the workers do")
    options = parser.parse_args()
    try:
        import config.server.worker  # noqa: F401  # or every worker would fail by it, one after the other
    except ImportError as error:
        sys.exit(f"The server cannot be loaded: {error}. Is everything installed that requirements.txt names?")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    command = [sys.executable, "-m", "config.server.worker", f"--application={options.application}"]
    command += [f"--threads={options.threads}", f"--limits={options.limits}"]
    listener = listen(options.host, options.port)
    supervisor = Supervisor(
        listener,
        command,
        workers=options.workers,
        stop_seconds=options.stop_seconds,
        beside=json.loads(options.beside),
    )
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
