"""The people of the demo desk, and whether a desk may get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import DemoDesk, Role, User
from tickets.models import Ticket

PASSWORD = "Password123!"  # noqa: S105  # nosec B105 # well known; the command refuses to run outside a demo
ASSOCIATE, MANAGER, SUPPORT = "associate@example.com", "manager@example.com", "support@example.com"
ASSOCIATES = {
    ASSOCIATE: "Alice Moreira",
    "bruna@example.com": "Bruna Albuquerque",
    "daniel@example.com": "Daniel Whitaker",
    "joao@example.com": "João Pereira da Silva",
    "mei@example.com": "Mei Lin",
}
MANAGERS = {MANAGER: "Marcus Reed", "helena@example.com": "Helena Prado", "oliver@example.com": "Oliver Bennett"}


@dataclass(slots=True)
class People:
    associates: list[User]
    managers: list[User]


def is_for_this_desk() -> bool:
    """Whether the demo made this desk, or there is neither a person nor a ticket; it is then remembered as such.

    Accounts with a known password must never come to a desk that somebody works with. Call inside a transaction.
    """
    if DemoDesk.objects.exists():
        return True
    if User.objects.exists() or Ticket.objects.exists():
        return False
    DemoDesk.objects.create()
    return True


def create_people() -> People:
    """The demo accounts; those that exist already stay as they are."""
    present = {user.email: user for user in User.objects.filter(email__in=(*ASSOCIATES, *MANAGERS, SUPPORT))}

    def person(email: str, name: str, role: Role, **fields: Any) -> User:
        return present.get(email) or User.objects.create_user(email, PASSWORD, name=name, role=role, **fields)

    person(SUPPORT, "Sofia Tavares", Role.ASSOCIATE, is_staff=True)
    return People(
        associates=[person(email, name, Role.ASSOCIATE) for email, name in ASSOCIATES.items()],
        managers=[person(email, name, Role.MANAGER) for email, name in MANAGERS.items()],
    )
