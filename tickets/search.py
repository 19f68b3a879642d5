"""How text is made comparable for search, the same on both databases."""

from __future__ import annotations

from unicodedata import normalize

# Folded text never contains this capital, so no search can match across the end of a field.
FIELD_BREAK = "Ω"
MAX_QUERY_LENGTH = 1000


def fold(text: str) -> str:
    """Text without differences of case and composition (Unicode's canonical caseless matching, in NFC)."""
    return normalize("NFC", normalize("NFD", text).casefold())


def document(*, title: str, description: str, ticket_number: str) -> str:
    """What is searched in for one ticket."""
    return FIELD_BREAK.join(fold(part) for part in (ticket_number, title, description))
