"""Attachments on the real server: as large as they may be, there and back, in little memory."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
import requests
from django.conf import settings

from accounts.signing_in.tokens import issue_token
from tests.support.csv_files import multipart
from tests.support.factories import associate, ticket
from tests.support.pages import session_of
from tests.support.patience import PATIENCE
from tests.support.processes import server_workers
from tests.support.server import running_server, server_environment

pytestmark = pytest.mark.django_db(transaction=True)

LARGEST = 25_000_000
MOST_MEMORY = 16_000_000


def memory(what: str) -> int:
    """In bytes, of the one worker: `VmRSS` now, `VmHWM` at most since the peak was forgotten."""
    [worker] = server_workers()
    found = re.search(rf"^{what}:\s+(\d+) kB$", Path(f"/proc/{worker}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def forget_peak() -> None:
    [worker] = server_workers()
    Path(f"/proc/{worker}/clear_refs").write_text("5")


def test_the_largest_file_comes_and_goes_in_little_memory(database_url: str) -> None:
    person, made = associate(), ticket()
    token, cookie = {"Authorization": f"Bearer {issue_token(person)}"}, {"sessionid": session_of(person)}
    content = hashlib.shake_128(b"a file").digest(LARGEST)
    environment = server_environment(database_url, JWT_SECRET=settings.JWT_SECRET, SECRET_KEY=settings.SECRET_KEY)
    with running_server(environment) as address:

        def attach(sent: bytes) -> requests.Response:
            body, kind = multipart(sent)
            headers = {**token, "Content-Type": kind, "Idempotency-Key": hashlib.sha256(body).hexdigest()}
            return requests.post(f"{address}/tickets/{made.pk}/attachments", body, headers=headers, timeout=PATIENCE)

        def fetch(path: str, **headers: str) -> requests.Response:
            return requests.get(f"{address}{path}", headers={**token, **headers}, timeout=PATIENCE)

        assert fetch(f"/attachments/{attach(b'a small one').json()['id']}").content == b"a small one"  # all is loaded
        before = memory("VmRSS")
        forget_peak()
        answer = attach(content)
        assert answer.status_code == 201, answer.content
        path = f"/attachments/{answer.json()['id']}"
        whole = fetch(path)
        assert (whole.status_code, whole.headers["Content-Length"]) == (200, str(LARGEST))
        assert whole.content == content
        assert memory("VmHWM") - before < MOST_MEMORY

        part = fetch(path, Range="bytes=24999990-")
        assert (part.status_code, part.content) == (206, content[-10:])
        assert part.headers["Content-Range"] == f"bytes 24999990-24999999/{LARGEST}"
        head = requests.head(address + path, cookies=cookie, timeout=PATIENCE)
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(LARGEST))
        over = attach(content + b"x")
        assert (over.status_code, over.json()["code"]) == (413, "too_large")
