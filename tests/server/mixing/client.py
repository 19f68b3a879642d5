"""One of many clients that act on the same few tickets at once: a process of its own, which notes every answer.

`python -m tests.server.mixing.client` reads its orders from the first line of its input, and acts until the input ends.
It prints one line of JSON for each request: what it asked for, and what it was told. It imports as little as it can, so
that many of them start within a moment.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import select
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

LEVELS = ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
NEW = {"description": "Since nine.", "dueDate": "2030-01-01T00:00:00Z", "severity": "MEDIUM"}
SECONDS = 60  # longer than any answer may take
# Of a request without an answer. One that is `AWAY` has not reached the server, one that is `CUT` may have been carried
# out.
AWAY, CUT = "away", "cut"

KEY_IN_USE = "key_in_use"

type Note = dict[str, Any]


def key_header(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


class Client:
    def __init__(self, orders: dict[str, Any], say: Callable[[Note], None]) -> None:
        self.orders, self.say = orders, say
        self.random = random.Random(orders["seed"])
        self.tickets: list[dict[str, Any]] = []  # as the list had them the last time, deleted ones as they were
        self.deleted: list[str] = []
        self.told: Note = {}  # what was noted last
        self.connection: http.client.HTTPConnection | None = None

    # --- Requests -----------------------------------------------------------------------------------------------------

    def exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[Any, http.client.HTTPMessage | None, bytes]:
        """Status, headers and body; AWAY or CUT in place of the status where there was no answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.orders["port"], timeout=SECONDS)
                self.connection.connect()
        except OSError:
            self.connection = None
            time.sleep(0.05)
            return AWAY, None, b""
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            return CUT, None, b""

    def api(
        self, method: str, path: str, body: Any = None, match: int | None = None, key: str | None = None, **note: Any
    ) -> Any:
        """The JSON of an answer, None where there was none."""
        headers = {
            **key_header(key),
            "Authorization": f"Bearer {self.orders['token']}",
            "Content-Type": "application/json",
        }
        if match is not None:
            headers["If-Match"] = f'"{match}"'
        content = None if body is None else json.dumps(body).encode()
        return self.noted(method, path, content, headers, match=match, key=key, **note)

    def noted(self, method: str, path: str, body: bytes | None, headers: dict[str, str], **note: Any) -> Any:
        began = time.monotonic()
        status, told, content = self.exchange(method, path, body, headers)
        seconds = round(time.monotonic() - began, 3)
        note |= {"status": status, "began": began, "seconds": seconds, "method": method, "path": path}
        found: Any = None
        if told is not None and (told["Content-Type"] or "").startswith("application/json"):
            found = json.loads(content)
            note["code"] = found.get("code") if isinstance(found, dict) else None
            version = re.fullmatch(r'"(\d{1,9})"', told["ETag"] or "")  # that of a list is none
            note["version"] = int(version[1]) if version else None
            self.note_result(note, found)
        elif status != 200 and (refusal := re.search(rb'data-refusal="(\w*)"', content)):
            note["code"] = refusal[1].decode()
        if told is not None:
            note["location"] = told["Location"]
        self.told = note
        self.say(note)
        return found

    def retried(self, send: Callable[[str | None], Any]) -> None:
        """With a key most of the time, and then again and again until there is an answer."""
        key = None if self.random.random() < 0.3 else f"{self.random.getrandbits(64):x}"
        send(key)
        while key and (self.told["status"] in (AWAY, CUT) or self.told.get("code") == KEY_IN_USE):
            send(key)

    def note_result(self, note: Note, found: Any) -> None:
        if note["status"] != 201:
            return
        if note["act"] == "created":
            note["tickets"] = [found["id"]]
        elif note["by"] == "bulk":
            note["results"] = {result["id"]: result["code"] for result in found["results"]}
        elif note["act"] == "imported":
            note["updated"] = found.get("importResult", found)["updatedCount"]

    def page(self, path: str, fields: dict[str, Any], **note: Any) -> None:
        secret = "c" * 32
        headers = {
            "Cookie": f"sessionid={self.orders['session']}; csrftoken={secret}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({**fields, "csrfmiddlewaretoken": secret}, doseq=True).encode()
        self.noted("POST", f"/desk/tickets/{path}", body, headers, by="page", **note)

    # --- Acts ---------------------------------------------------------------------------------------------------------

    def act(self) -> None:
        if not self.tickets or self.random.random() < 0.2:
            self.look()
        acts: list[tuple[int, Callable[[], None]]] = [
            (2, self.create), (4, self.review), (3, self.edit), (2, self.delete), (2, self.restore),
            (2, self.bulk), (1, self.import_file), (1, self.by_page), (1, self.by_page),
        ]  # fmt: skip
        if self.random.random() < 0.01:
            acts = [(1, self.cycle)]
        [chosen] = self.random.choices([act for _weight, act in acts], [weight for weight, _act in acts])
        chosen()

    def look(self) -> None:
        found = self.api("GET", "/tickets?pageSize=6", by="api", act="read")
        if found and "items" in found:
            self.tickets = found["items"]

    def any_ticket(self) -> tuple[str, str]:
        if not self.tickets:
            return "00000000-0000-0000-0000-000000000000", "TKT-2020-000001"
        ticket = self.random.choice(self.tickets)
        return ticket["id"], ticket["ticketNumber"]

    def version_of(self, id: str) -> int | None:
        """The version for half of all acts, asked for just now, so that others may come in between; else None."""
        if self.random.random() < 0.5:
            return None
        self.api("GET", f"/tickets/{id}", by="api", act="read")
        return self.told.get("version")

    def create(self) -> None:
        title = f"{self.orders['name']} {self.random.getrandbits(40):x}"
        body = {**NEW, "title": title}
        self.retried(lambda key: self.api("POST", "/tickets", body, key=key, by="api", act="created", tickets=[]))

    def a_review(self) -> tuple[str, dict[str, Any]]:
        if self.random.random() < 0.2:
            return "approved", {"action": "APPROVE"}
        level = self.random.choice([*LEVELS, "VERY_HIGH", "VERY_HIGH"])  # so that many come back to their authors
        return "severity_changed", {"action": "CHANGE_SEVERITY", "newSeverity": level, "severityChangeReason": "x"}

    def review(self) -> None:
        id, _number = self.any_ticket()
        act, body = self.a_review()
        match = self.version_of(id)
        self.api("PATCH", f"/tickets/{id}/review", body, match, by="api", act=act, tickets=[id])

    def edit(self) -> None:
        id, _number = self.any_ticket()
        match = self.version_of(id)
        body = {"description": f"{self.random.getrandbits(40):x}"}
        self.api("PATCH", f"/tickets/{id}", body, match, by="api", act="edited", tickets=[id])

    def delete(self) -> None:
        id, _number = self.any_ticket()
        match = self.version_of(id)
        self.api("DELETE", f"/tickets/{id}", None, match, by="api", act="deleted", tickets=[id])
        self.deleted.append(id)

    def restore(self) -> None:
        id = self.random.choice(self.deleted[-3:]) if self.deleted else self.any_ticket()[0]
        path = f"/tickets/{id}/restore"
        self.retried(lambda key: self.api("POST", path, key=key, by="api", act="restored", tickets=[id]))

    def bulk(self) -> None:
        ids = list({self.any_ticket()[0] for _ in range(4)})
        name = self.random.choice(["APPROVE", "DELETE", "RESTORE"])
        act = {"APPROVE": "approved", "DELETE": "deleted", "RESTORE": "restored"}[name]
        body = {"action": name, "ids": ids}
        self.retried(lambda key: self.api("POST", "/tickets/bulk", body, key=key, by="bulk", act=act, tickets=ids))

    def import_file(self) -> None:
        ids = list({self.any_ticket()[0] for _ in range(3)})
        rows = "".join(f"{id},{self.random.choice(['OPEN', 'OPEN', 'CLOSED'])}\r\n" for id in ids)
        head = 'Content-Disposition: form-data; name="file"; filename="x.csv"\r\nContent-Type: text/csv\r\n\r\n'
        body = f"--frontier\r\n{head}id,status\r\n{rows}\r\n--frontier--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {self.orders['token']}",
            "Content-Type": "multipart/form-data; boundary=frontier",
        }

        def send(key: str | None) -> None:
            told = {"by": "file", "act": "imported", "tickets": ids, "key": key}
            self.noted("POST", "/csv/import", body, {**headers, **key_header(key)}, **told)

        self.retried(send)

    def cycle(self) -> None:
        self.api("POST", "/automation/run-now", by="cycle", act="imported", tickets=None)

    def by_page(self) -> None:
        id, number = self.any_ticket()
        name = self.random.choice(["new", "review", "edit", "delete", "restore"])
        match name:
            case "new":
                title = f"{self.orders['name']} {self.random.getrandbits(40):x}"
                fields = {"title": title, "description": "d", "due_date": "2030-01-01T00:00", "severity": "LOW"}
                self.page("new/", fields, act="created", tickets=[])
            case "review":
                self.page(f"{number}/review/", {"decision": "APPROVE"}, act="approved", tickets=[id])
            case "edit":
                texts = {"title": "t", "description": f"{self.random.getrandbits(40):x}", "version": 1}
                self.page(f"{number}/edit/", texts, act="edited", tickets=[id])
            case "delete":
                self.page(f"{number}/delete/", {}, act="deleted", tickets=[id])
            case "restore":
                self.page(f"{number}/restore/", {}, act="restored", tickets=[id])


def main() -> None:
    client = Client(json.loads(sys.stdin.readline()), lambda note: print(json.dumps(note)))
    while not select.select([sys.stdin], [], [], 0)[0]:
        client.act()


if __name__ == "__main__":
    main()
