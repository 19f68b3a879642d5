"""A client that follows `/events`, and may be killed at any moment: a process of its own, with a file it goes on from.

`python -m tests.server.mixing.follower FILE` reads its orders from the first line of its input, and follows until the
input ends; then once more to the end. Each page is one line of the file, written before the next one is asked for, so
what was told and how far that went are kept by one write: whoever is killed in the middle of it has not been told.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.follower import Follower

PAUSE_SECONDS = 0.02


def kept(file: Path) -> Follower:
    """The follower as it was when the last whole line was written."""
    follower = Follower(ask=lambda path: None)
    for line in file.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            page = json.loads(line)
            follower.told += page["items"]
            follower.after = page["next"]
    return follower


def main() -> None:
    file, orders = Path(sys.argv[1]), json.loads(sys.stdin.readline())
    content = file.read_bytes()
    os.truncate(file, content.rfind(b"\n") + 1)
    follower, answered = kept(file), False
    with file.open("ab", buffering=0) as lines:

        def ask(path: str) -> Any:
            nonlocal answered
            page = get(orders, path)
            answered = page is not None
            if page and page["items"]:
                lines.write(json.dumps(page).encode() + b"\n")
            return page

        follower.ask = ask
        while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
            follower.poll()
        answered = False
        while not answered:
            follower.poll()


def get(orders: dict[str, Any], path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", orders["port"], timeout=60)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {orders['token']}"})
        answer = connection.getresponse()
        body = answer.read()
        return json.loads(body) if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        time.sleep(PAUSE_SECONDS)
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    main()
