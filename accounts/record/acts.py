"""Adding to the record: who did what to whom, from where. It is committed or rolled back with the act itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from accounts.models import ADDRESS_LENGTH, AuditEntry, User
from config import clock


@dataclass(frozen=True)
class By:
    """Who acts, and from which address. `actor` is None for the operator on the server and for who is not signed in."""

    actor: User | None
    origin: str

    @classmethod
    def sending(cls, request: HttpRequest, actor: User | None) -> By:
        """Whoever has sent this request."""
        return cls(actor, address_of(request))


OPERATOR = By(None, "command line")


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. A proxy may hand on what is no address."""
    return str(request.META.get("REMOTE_ADDR", ""))[:ADDRESS_LENGTH]


def record(
    by: By, action: AuditEntry.Action, subject: User | None = None, changes: dict[str, Any] | None = None
) -> AuditEntry:
    """Add an entry; `changes` are what goes with the act and is no secret, as JSON can hold it."""
    return AuditEntry.objects.create(
        created_at=clock.Present(),  # read back; asking for it first would be a query of its own
        actor=by.actor,
        subject=subject,
        action=action,
        changes=changes or {},
        origin=by.origin,
    )
