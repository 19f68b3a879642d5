"""What a search has found, marked in the texts where it stands."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString

from tickets.search import highlighting

register = template.Library()

# How many characters of a text are shown around a hit.
EXCERPT_BEFORE, EXCERPT_AFTER = 40, 120


@register.simple_tag
def marked(text: str, query: str, *, is_number: bool = False) -> SafeString:
    """Text, or a ticket's number, with what was searched for marked."""
    pieces, start = [], 0
    for found, end in highlighting.hits(text, query or "", is_number=is_number):
        pieces.append((text[start:found], text[found:end]))
        start = end
    return format_html_join("", "{}<mark>{}</mark>", pieces) + conditional_escape(text[start:])


@register.simple_tag
def excerpt(text: str, query: str) -> str:
    """A line around what was searched for, where the text has it; else nothing."""
    found = highlighting.first_hit(text, query or "")
    if found is None:
        return ""
    start, end = max(0, found[0] - EXCERPT_BEFORE), found[1] + EXCERPT_AFTER
    return f"{'…' if start else ''}{' '.join(text[start:end].split())}{'…' if end < len(text) else ''}"
