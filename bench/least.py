"""The least code that lists tickets, creates one and signs somebody in: no framework, no checks, no rules.

It has tables of its own beside the product's, and the same server, driver and password hash.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import argon2
import jwt
import orjson
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

type StartResponse = Callable[[str, list[tuple[str, str]]], object]
pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
    os.environ["DATABASE_URL"], min_size=1, max_size=16, open=True, kwargs={"row_factory": dict_row}
)


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    answer: Any
    if environ["PATH_INFO"] == "/auth/login":
        answer = log_in(orjson.loads(environ["wsgi.input"].read()))
    elif environ["REQUEST_METHOD"] == "POST":
        answer = create_ticket(read_token(environ), orjson.loads(environ["wsgi.input"].read()))
    elif environ["PATH_INFO"] == "/tickets":
        read_token(environ)
        answer = list_tickets()
    else:
        answer = {"status": "ok"}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [orjson.dumps(answer)]


def load_application() -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    return application


def read_token(environ: dict[str, Any]) -> str:
    token = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    return str(jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"])["sub"])


def log_in(body: dict[str, str]) -> dict[str, str]:
    with pool.connection() as connection:
        user = connection.execute("SELECT * FROM least_user WHERE email = %s", [body["email"]]).fetchone()
    assert user
    argon2.PasswordHasher().verify(user["password"], body["password"])
    claims = {"sub": str(user["id"]), "exp": int(time.time()) + 86400}
    return {"access_token": jwt.encode(claims, os.environ["JWT_SECRET"], algorithm="HS256")}


def list_tickets() -> dict[str, Any]:
    with pool.connection() as connection:
        total = connection.execute("SELECT count(*) AS total FROM least_ticket").fetchone()
        items = connection.execute("SELECT * FROM least_ticket ORDER BY year DESC, sequence DESC LIMIT 20").fetchall()
    return {"items": items, **(total or {})}


def create_ticket(user_id: str, body: dict[str, Any]) -> dict[str, Any]:
    ticket_id = uuid.uuid4()
    with pool.connection() as connection:
        taken = connection.execute(
            "UPDATE least_sequence SET last = last + 1 WHERE year = 2026 RETURNING last"
        ).fetchone()
        assert taken
        connection.execute(
            "INSERT INTO least_ticket VALUES (%s, %s, 2026, %s, %s, %s, %s, 'DRAFT', %s)",
            [
                ticket_id,
                f"TKT-2026-{taken['last']:06}",
                taken["last"],
                body["title"],
                body["description"],
                body["severity"],
                user_id,
            ],
        )
        connection.execute(
            "INSERT INTO least_history (ticket_id, user_id, action, at) VALUES (%s, %s, 'created', now())",
            [ticket_id, user_id],
        )
    return {"id": ticket_id}
