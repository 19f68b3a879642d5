"""Addresses without what is secret in them, for errors, logs and people.

Keys stand in the query of an address, names and passwords before its host, and the address of a watchdog is itself the
key to it. The libraries that talk to them put addresses, whole or in parts, into whatever they raise.
"""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from django.conf import settings

from config.masking.patterns import HIDDEN, without_people, without_secrets

# Shorter ones would hide half of every sentence.
LEAST = 4


def masked(text: str) -> str:
    """The text without user names, passwords and queries of addresses, and without what our own settings hold."""
    for secret in _secrets(_addresses(), _own()):
        text = text.replace(secret, HIDDEN)
    return without_secrets(text)


class MaskingFormatter(logging.Formatter):
    """Lines and stack traces of the log, masked, whoever wrote them: libraries and databases quote what they refuse.

    Whoever reads the log need not know people's addresses either, or what signs in as them.
    """

    def format(self, record: logging.LogRecord) -> str:
        return without_people(masked(super().format(record)))


def _addresses() -> tuple[tuple[str, str], ...]:
    """Each with the part of it, besides a password, that is a secret even where it stands alone."""
    asked = ((settings.CSV_PROCESSOR, "query"), (settings.OPENAI_BASE_URL, "query"), (settings.CRON_PING_URL, "path"))
    named = tuple((os.environ.get(name, ""), "") for name in ("EMAIL_URL", "DATABASE_URL"))
    return asked + named


def _own() -> tuple[str, ...]:
    keys = (settings.JWT_SECRET, settings.SECRET_KEY, settings.CRON_SECRET)
    return (*keys, settings.CSV_PROCESSOR_SECRET, settings.OPENAI_API_KEY)


@lru_cache(maxsize=8)
def _secrets(addresses: tuple[tuple[str, str], ...], own: tuple[str, ...]) -> list[str]:
    """Longest first, so that none is hidden in parts."""
    found = set(own)
    for address, part in addresses:
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        found |= {parts.password or "", unquote(parts.password or ""), parts.query if part else ""}
        if part == "path":
            found.add(parts.path)
    return sorted((secret for secret in found if len(secret) >= LEAST), key=len, reverse=True)
