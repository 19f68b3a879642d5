"""Tickets that leave the desk as a file: who took which, before the first byte is sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import AuditEntry, User
from accounts.record.acts import By, record
from config.requests import is_head

# How many characters are kept of what somebody typed into a filter, and how many filters.
LONGEST, MOST = 200, 20


def record_download(request: HttpRequest, person: User, action: AuditEntry.Action, **what: Any) -> None:
    """A person takes tickets with them. Whoever asks for the headers alone takes nothing."""
    if not is_head(request):
        record(By.sending(request, person), action, None, what)


def filters_of(query: dict[str, Any]) -> dict[str, str]:
    """The filters of a list as they are recorded: those that are set, and of each no more than its beginning."""
    return {_cut(name): _cut(str(value)) for name, value in sorted(query.items())[:MOST] if value}


def _cut(text: str) -> str:
    return text.replace("\0", "")[:LONGEST]  # PostgreSQL keeps no NUL
