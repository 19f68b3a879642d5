"""The one way in which ids are written: in addresses, in JSON, and in CSV."""

from __future__ import annotations

import re
import uuid

# The one form in which the API writes ids, in either case.
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def parse_uuid(text: str) -> uuid.UUID:
    """An id in the form of the API. Raises ValueError."""
    if not UUID_FORM.fullmatch(text):
        raise ValueError(text)
    return uuid.UUID(text)


def id_in_path(text: str, otherwise: type[Exception]) -> uuid.UUID:
    """The id in an address. Raises `otherwise`, which says that there is no such thing, for what no id can be."""
    try:
        return parse_uuid(text)
    except ValueError:
        raise otherwise from None
