"""Times as text, in the form of ISO 8601 that the API reads and writes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# Needed since `fromisoformat` alone takes any character between date and time.
_LIKE_A_TIME = re.compile(r"[0-9W-]+([T ][0-9:.,]+(Z|[+-][0-9:.]+)?)?")


def parse_time(text: str) -> datetime:
    """A time in ISO 8601, as UTC; UTC as well where it names no offset. Raises ValueError."""
    if not _LIKE_A_TIME.fullmatch(text.strip()):
        raise ValueError(text)
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def iso(moment: datetime) -> str:
    """`2026-01-31T09:30:00.000Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
