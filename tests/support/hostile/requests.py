"""Requests that nobody sends by accident: a list that is generated, and the same whenever it is generated again.

Each kind draws from the words with a random generator of its own, seeded by its name, so that more variants of one
kind leave the others as they are. `refused` says that the contract leaves no way but to refuse it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support.hostile.words import (
    CONTENT_TYPES,
    HEADERS,
    ID,
    IDS,
    PATHS,
    QUERY_NAMES,
    QUERY_VALUES,
    SMUGGLED,
    VALUES,
)

TEXTS = {"title": "No network", "description": "Since nine o'clock."}
# What an honest client sends; {ticket} is a draft, {sent_back} one in REVIEW, {run} a run.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/auth/login"): {"email": "nobody@example.com", "password": "x"},
    ("POST", "/tickets"): {**TEXTS, "dueDate": "2026-12-24T09:30:00.000Z", "severity": "HIGH"},
    ("PATCH", "/tickets/{sent_back}"): TEXTS,
    ("PATCH", "/tickets/{ticket}/review"): {
        "action": "CHANGE_SEVERITY",
        "newSeverity": "HIGH",
        "severityChangeReason": "because",
    },
    ("POST", "/tickets/bulk"): {"action": "DELETE", "ids": [ID], "versions": {ID: 1}},
    ("POST", "/ai/severity-suggestion"): TEXTS,
}
READ = [
    *(
        "/tickets",
        "/tickets/{ticket}",
        "/tickets/{ticket}/history",
        "/events",
        "/auth/me",
        "/people",
        "/people/me",
        "/ai/quality",
    ),
    *("/csv/export/pending", "/csv/export", "/csv/runs", "/csv/runs/{run}", "/csv/runs/{run}/errors", "/docs-json"),
]
LISTS = [
    "/tickets",
    "/people",
    "/events",
    "/csv/runs",
    "/csv/export",
    "/desk/tickets/",
    "/desk/exchange/",
    "/desk/triage/",
]
WITH_ID = [
    ("GET", "/tickets/{}"),
    ("PATCH", "/tickets/{}"),
    ("DELETE", "/tickets/{}"),
    ("PATCH", "/tickets/{}/review"),
    ("POST", "/tickets/{}/restore"),
    ("GET", "/tickets/{}/history"),
    ("GET", "/people/{}"),
    ("GET", "/csv/runs/{}"),
    ("GET", "/csv/runs/{}/file"),
    ("POST", "/csv/runs/{}/apply"),
    ("GET", "/desk/tickets/{}/"),
    ("GET", "/desk/tickets/views/{}/"),
    ("GET", "/desk/exchange/{}/"),
    ("GET", "/admin/tickets/ticket/{}/change/"),
]
CHANGES = [*BODIES, ("DELETE", "/tickets/{ticket}"), ("POST", "/tickets/{ticket}/restore")]
UPLOADS = ["/csv/import", "/csv/import?dryRun=true", "/csv/auto-process", "/desk/exchange/upload/"]
FORMS = [
    *("tickets/new/", "tickets/{number}/review/", "tickets/{number}/edit/", "tickets/bulk/", "tickets/views/"),
    *("inbox/", "preferences/", "triage/suggestion/"),
]
FIELDS = """
title description due_date severity key decision reason version action ticket query name shown read until before
time_zone initial-name
""".split()
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Hostile:
    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict, hash=False)
    refused: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path[:120]} {self.content_type[:40]!r} {self.headers!s:.120} {self.body[:120]!r}"


def a_body(rng: Random) -> tuple[str, str, dict[str, Any]]:
    (method, path), body = rng.choice(list(BODIES.items()))
    return method, path, body


def written(body: dict[str, Any], **raw: str) -> bytes:
    """The body as JSON, in which some members are written as they are given."""
    members = {json.dumps(name): json.dumps(value) for name, value in body.items()}
    members |= {json.dumps(name): value for name, value in raw.items()}
    return ("{" + ", ".join(f"{name}: {value}" for name, value in members.items()) + "}").encode()


def odd_value(rng: Random) -> Hostile:
    method, path, body = a_body(rng)
    return Hostile(method, path, written(body, **{rng.choice(list(body)): rng.choice(VALUES)}))


def smuggled_field(rng: Random) -> Hostile:
    method, path, body = a_body(rng)
    name = rng.choice([name for name in SMUGGLED if name not in body])
    return Hostile(method, path, written(body, **{name: SMUGGLED[name]}), refused=True)


def smuggled_in_a_form(rng: Random) -> Hostile:
    name = rng.choice([name for name in SMUGGLED if name])
    fields = {**BODIES["POST", "/tickets"], name: SMUGGLED[name].strip('"')}
    body = "&".join(f"{key}={value}" for key, value in fields.items()).replace(" ", "+")
    return Hostile("POST", "/tickets", body.encode(), FORM, refused=True)


def smuggled_in_the_query(rng: Random) -> Hostile:
    name = rng.choice([name for name in SMUGGLED if name])
    value = SMUGGLED[name].strip('"')
    return Hostile("GET", f"/tickets/{{ticket}}?{name.strip()}={value}&_method=DELETE&method=DELETE")


def broken_json(rng: Random) -> Hostile:
    method, path, body = a_body(rng)
    whole = bytearray(json.dumps(body).encode())
    match rng.randrange(5):
        case 0:
            whole = whole[: rng.randrange(1, len(whole))]
        case 1:
            whole[rng.randrange(len(whole))] = rng.randrange(128, 256)
        case 2:
            whole = bytearray(rng.choice([b"\xef\xbb\xbf\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"//x\n", b"{"])) + whole
        case 3:
            whole += rng.choice([b"}", b"\x00", b"{}", b",", b"//"])
        case _:
            whole = bytearray(rng.randbytes(rng.randrange(1, 400)))
    return Hostile(method, path, bytes(whole), refused=True)


def nested_json(rng: Random) -> Hostile:
    method, path, body = a_body(rng)
    depth = rng.choice([10, 100, 500, 1000, 5000, 100_000])
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}"), ("[[],", "]")])
    deep = opening * depth + "1" + closing * depth
    return Hostile(method, path, written(body, **{rng.choice([*body, "x"]): deep}), refused=True)


def repeated_key(rng: Random) -> Hostile:
    method, path, body = a_body(rng)
    name = rng.choice(list(body))
    first = f"{json.dumps(name)}: {rng.choice(VALUES[:20])}, "
    return Hostile(method, path, b"{" + first.encode() + written(body)[1:])


def odd_content_type(rng: Random) -> Hostile:
    method, path, body = a_body(rng)
    return Hostile(method, path, json.dumps(body).encode(), rng.choice(CONTENT_TYPES), refused=True)


def odd_header(rng: Random) -> Hostile:
    name, value = rng.choice(HEADERS)
    if rng.random() < 0.5:
        return Hostile("GET", rng.choice([*READ, "/desk/tickets/", "/desk/login/"]), b"", "", {name: value})
    method, path = rng.choice(CHANGES)
    body = BODIES.get((method, path))
    return Hostile(method, path, json.dumps(body).encode() if body else b"", headers={name: value})


def odd_path(rng: Random) -> Hostile:
    return Hostile(rng.choice(["GET", "GET", "POST", "PATCH", "DELETE", "PUT", "BREW"]), rng.choice(PATHS))


def odd_id(rng: Random) -> Hostile:
    method, path = rng.choice(WITH_ID)
    body = {"action": "APPROVE"} if path.endswith("review") else {"title": "x"}
    return Hostile(method, path.format(rng.choice(IDS)), json.dumps(body).encode() if method == "PATCH" else b"")


def odd_query(rng: Random) -> Hostile:
    pairs = [f"{rng.choice(QUERY_NAMES)}={rng.choice(QUERY_VALUES)}" for _ in range(rng.randrange(1, 4))]
    return Hostile("GET", f"{rng.choice(LISTS)}?{rng.choice(['&', '&', '&&', ';']).join(pairs)}")


def repeated_parameter(rng: Random) -> Hostile:
    name = rng.choice(QUERY_NAMES)
    spelled = rng.choice([name, f"{name}[]", f"{name}[0]", name.upper(), f"%00{name}", f"{name}%00"])
    pairs = [f"{name}={rng.choice(QUERY_VALUES[:40])}", f"{spelled}={rng.choice(QUERY_VALUES)}"]
    return Hostile("GET", f"{rng.choice(LISTS)}?{'&'.join(pairs * rng.choice([1, 2, 400]))}")


def forged_cursor(rng: Random) -> Hostile:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    cursor = "".join(rng.choices(letters, k=rng.choice([21, 22, 22, 22, 23])))
    odd = rng.choice(
        [cursor, "f" * 22, "_" * 22, cursor[:-1] + "%3D", cursor[:-1] + "%2B", cursor + "%3D%3D", cursor + "%0A"]
    )
    return Hostile("GET", f"/events?after={odd}&limit={rng.choice(['1', '1000', ''])}", refused=True)


def odd_upload(rng: Random) -> Hostile:
    name = rng.choice(
        ["", "a.csv", "../../a.csv", "C:\\\\a.csv", "/etc/passwd", "..", "\x00", "x" * 400, "é.csv", 'a\\".csv', "a\tb"]
    )
    part = rng.choice(
        [
            f'name="file"; filename="{name}"',
            f"name=file; filename*=UTF-8''{'%2e' * 9}",
            'name="file"',
            "",
            'name="other"',
        ]
    )
    content = rng.choice(
        [
            b"",
            b"id,status\n,OPEN\n",
            b"\x00",
            b"PK\x03\x04",
            rng.randbytes(200),
            b'id,status\n"x,OPEN',
            b"=1+1\n",
            b"id\n" * 300,
        ]
    )
    more = rng.choice(
        [
            "",
            "",
            "Content-Transfer-Encoding: base64\r\n",
            "Content-Length: -1\r\n",
            "X: " + "x" * 3000 + "\r\n",
            "\x00: x\r\n",
        ]
    )
    one = f"--b\r\nContent-Disposition: form-data; {part}\r\n{more}\r\n".encode() + content + b"\r\n"
    body = one * rng.choice([1, 1, 2, 9]) + rng.choice([b"--b--\r\n", b"--b--\r\n", b"", b"--b", b"--x--\r\n"])
    boundary = rng.choice(["b", "b", "b", "b", '"b"', "c", "", "x" * 300, "b; boundary=c", "é"])
    return Hostile("POST", rng.choice(UPLOADS), body, f"multipart/form-data; boundary={boundary}")


def odd_form_of_a_page(rng: Random) -> Hostile:
    page = rng.choice(FORMS)
    body = "&".join(f"{name}={rng.choice(QUERY_VALUES)}" for name in rng.sample(FIELDS, 9))
    return Hostile("POST", f"/desk/{page}", body.encode(), FORM)


KINDS: list[Callable[[Random], Hostile]] = [
    *(odd_value, smuggled_field, smuggled_in_a_form, smuggled_in_the_query, broken_json, nested_json, repeated_key),
    *(odd_content_type, odd_header, odd_header, odd_path, odd_id, odd_query, repeated_parameter, forged_cursor),
    *(odd_upload, odd_form_of_a_page),
]


def hostile(kind: Callable[[Random], Hostile], count: int) -> Iterator[Hostile]:
    rng = Random(kind.__name__)
    for _ in range(count):
        yield kind(rng)
