"""The limits of texts and times, as the contract has them for whoever sends these by page or API."""

from __future__ import annotations

import re
from datetime import datetime

from tickets.backfill.errors import Rule
from tickets.models import DESCRIPTION_LENGTH, REASON_LENGTH, TITLE_LENGTH
from tickets.texts.characters import is_invisible

# PostgreSQL takes no NUL, and half of a surrogate pair has no UTF-8 at all.
_CANNOT_BE_STORED = re.compile("[\0\ud800-\udfff]")


def is_title(text: str) -> bool:
    return _is_trimmed(text, TITLE_LENGTH)


def is_description(text: str) -> bool:
    return len(text) <= DESCRIPTION_LENGTH and not is_invisible(text) and not _CANNOT_BE_STORED.search(text)


def is_severity_reason(text: str) -> bool:
    return _is_trimmed(text, REASON_LENGTH)


def _is_trimmed(text: str, most: int) -> bool:
    return len(text) <= most and text == text.strip() and is_description(text)


def is_time(moment: datetime) -> bool:
    """Whether it has a time zone and no part finer than a millisecond.

    Clients are shown milliseconds, so two times with a finer difference would look the same to them.
    """
    return moment.tzinfo is not None and moment.microsecond % 1000 == 0


# The texts of a ticket that can be edited, in the order in which an entry's reason names them.
TEXTS = {"title": (is_title, Rule.TITLE), "description": (is_description, Rule.DESCRIPTION)}
