"""One of many people who comment, edit and attach on the same few tickets at once: a process that notes every answer.

`python -m tests.server.mixing.talker` reads its orders and acts as `client.py`, beside this, does. What is made is
often sent twice, by the same key. Comments name people; one that is edited goes on naming those, and may name more.
"""

from __future__ import annotations

import hashlib
import json
import select
import sys
import uuid
from typing import Any

from tests.server.mixing.client import Client, Note

ACTS = {"commented", "edited", "attached"}


class Talker(Client):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.own: list[Note] = []  # one's comments, each as it says now
        self.done: set[str] = set()  # every kind of act is, however soon the input ends

    def note_result(self, note: Note, found: Any) -> None:
        if note["status"] in (200, 201):
            note["id"] = found["id"]

    def act(self) -> None:
        acts = [self.comment, self.comment, self.comment_by_page, self.edit, self.edit, self.attach]
        self.random.choice(acts)()
        self.done |= {self.told["act"]} if self.told else set()

    def times(self) -> range:
        return range(self.random.choice([1, 1, 2]))

    def names(self, most: int) -> list[str]:
        return self.random.sample(self.orders["emails"], self.random.randint(0, most))

    def a_comment(self) -> Note:
        names = self.names(2)
        words = f"{self.orders['name']} {self.random.getrandbits(60):x}"
        return {
            "act": "commented",
            "ticket": self.random.choice(sorted(self.orders["tickets"])),
            "text": " ".join([words, *(f"@{each}" for each in names)]),
            "names": names,
            "is_question": self.random.random() < 0.3,
        }

    def remember(self, made: Note) -> None:
        """A page tells which comment it has made by the address to which it leads."""
        if self.told["status"] == 302:
            self.own.append({**made, "id": self.told["location"].rpartition("#comment-")[2]})
        elif self.told["status"] == 201:
            self.own.append({**made, "id": self.told["id"]})

    def comment(self) -> None:
        made, key = self.a_comment(), f"{self.random.getrandbits(64):x}"
        body = {"text": made["text"], "isQuestion": made["is_question"]}
        for _ in self.times():
            self.api("POST", f"/tickets/{made['ticket']}/comments", body, key=key, **made)
        self.remember(made)

    def comment_by_page(self) -> None:
        """With a file, and without JavaScript."""
        made, content = self.a_comment(), self.random.randbytes(200).hex().encode()
        made["sha256"] = hashlib.sha256(content).hexdigest()
        fields = {"text": made["text"], "key": str(uuid.UUID(int=self.random.getrandbits(128)))}
        fields |= {"csrfmiddlewaretoken": "c" * 32} | ({"is_question": "on"} if made["is_question"] else {})
        body, content_type = multipart(content, fields)
        headers = {"Cookie": f"sessionid={self.orders['session']}; csrftoken={'c' * 32}", "Content-Type": content_type}
        path = f"/desk/tickets/{self.orders['tickets'][made['ticket']]}/comments/"
        for _ in self.times():
            self.noted("POST", path, body, headers, **made)
        self.remember(made)

    def edit(self) -> None:
        if not self.own:
            return
        comment, more = self.random.choice(self.own), self.names(1)
        text = " ".join([comment["text"], f"{self.random.getrandbits(30):x}", *(f"@{each}" for each in more)])
        if len(text) > 2_000:  # by then it names as many people as a comment can
            return
        note = {"act": "edited", "ticket": comment["ticket"], "text": text, "names": more}
        self.api("PATCH", f"/comments/{comment['id']}", {"text": text}, **note)
        if self.told["status"] == 200:
            comment["text"] = text

    def attach(self) -> None:
        content, key = self.random.randbytes(200).hex().encode(), f"{self.random.getrandbits(64):x}"
        note = {"act": "attached", "ticket": self.random.choice(sorted(self.orders["tickets"])), "comment": None}
        if self.own and self.random.random() < 0.5:
            comment = self.random.choice(self.own)
            note |= {"ticket": comment["ticket"], "comment": comment["id"]}
        note["sha256"] = hashlib.sha256(content).hexdigest()
        body, content_type = multipart(content, {"commentId": note["comment"] or ""})
        headers = {
            "Authorization": f"Bearer {self.orders['token']}", "Content-Type": content_type, "Idempotency-Key": key
        }  # fmt: skip
        for _ in self.times():
            self.noted("POST", f"/tickets/{note['ticket']}/attachments", body, headers, **note)


def multipart(content: bytes, fields: dict[str, str]) -> tuple[bytes, str]:
    disposition = 'Content-Disposition: form-data; name="{}"'
    parts = [f"--frontier\r\n{disposition.format(name)}\r\n\r\n{value}\r\n" for name, value in fields.items()]
    file = f'--frontier\r\n{disposition.format("file")}; filename="x.txt"\r\n\r\n'
    body = "".join([*parts, file]).encode() + content + b"\r\n--frontier--\r\n"
    return body, "multipart/form-data; boundary=frontier"


def main() -> None:
    talker = Talker(json.loads(sys.stdin.readline()), lambda note: print(json.dumps(note)))
    while talker.done < ACTS or not select.select([sys.stdin], [], [], 0)[0]:
        talker.act()


if __name__ == "__main__":
    main()
