"""What pages show of people."""

from __future__ import annotations

from accounts.models import User

SHOWN = {"id", "name", "email"}


def beside_name(path: str) -> list[str]:
    """For `defer` of a query that loads who has done each thing along: all of a person but what pages show."""
    return [f"{path}__{field.name}" for field in User._meta.concrete_fields if field.name not in SHOWN]
