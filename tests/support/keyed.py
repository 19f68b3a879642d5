"""Requests with an `Idempotency-Key`, and time that passes over the answers kept under keys."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import F

from accounts.models import IdempotencyKey
from tests.support.client import ApiClient

TICKET = {
    "title": "The printer prints nothing",
    "description": "It did yesterday.",
    "dueDate": "2026-12-24T09:30:00Z",
    "severity": "LOW",
}


def with_key(key: str | None = None) -> dict[str, str]:
    """The headers of a request with this key, or with one that nobody has used."""
    return {"Idempotency-Key": str(uuid.uuid4()) if key is None else key}


def raise_ticket(client: ApiClient, key: str | None = None, **fields: Any) -> Any:
    return client.post("/tickets", TICKET | fields, headers=with_key(key))


def let_pass(time: timedelta) -> None:
    """So much time passes for all that is kept under keys: it is that much nearer to its end."""
    IdempotencyKey.objects.exclude(expires_at=None).update(expires_at=F("expires_at") - time)


def told(answer: Any) -> tuple[Any, ...]:
    """What is the same in an answer that is given again."""
    headers = ("Content-Type", "ETag", "Location", "X-Run-Id")
    return (answer.status_code, answer.content, *(answer.headers.get(name) for name in headers))
