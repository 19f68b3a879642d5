"""Addresses without what is secret in them, by their form alone: also for what is said before there are settings."""

from __future__ import annotations

import re

HIDDEN = "***"

_USER = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/?#\"'<>]*@", re.IGNORECASE)
_QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#\"'<>]*|/[^\s?#\"'<>]*)\?[^\s\"'<>)]+", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """The text without user names, passwords and queries of addresses."""
    return _QUERY.sub(rf"\1?{HIDDEN}", _USER.sub(rf"\1{HIDDEN}@", text))
