"""What people wrote, as HTML: with links, code as it stands, and what an edit changed."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from tickets.texts.blocks import blocks
from tickets.texts.comparison import changes

register = template.Library()

MARKS_OF_CHANGE = {"same": "{}", "out": "<del>{}</del>", "in": "<ins>{}</ins>"}
# How many lines of a piece of code are shown before the rest has to be unfolded.
CODE_LINES = 30


@register.filter
def linked(text: str) -> SafeString:
    """Text with its addresses as links."""
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # noqa: S308 - urlize escapes


@register.simple_tag
def reading(text: str) -> SafeString:
    """A ticket's text: its prose with addresses as links, its code as it stands, folded where it is long."""
    return format_html_join(
        "", "{}", ((_code(block.lines) if block.is_code else _prose(block.lines),) for block in blocks(text))
    )


def _prose(lines: list[str]) -> SafeString:
    return format_html('<p dir="auto">{}</p>', linked("\n".join(lines)))


def _code(lines: list[str]) -> SafeString:
    shown = _pre(lines[:CODE_LINES])
    if not (rest := lines[CODE_LINES:]):
        return shown
    summary = ngettext("%(count)d more line", "%(count)d more lines", len(rest)) % {"count": len(rest)}
    return format_html("{}<details><summary>{}</summary>{}</details>", shown, summary, _pre(rest))


def _pre(lines: list[str]) -> SafeString:
    """`tabindex`, because what scrolls has to be reached by the keyboard as well."""
    return format_html('<pre dir="ltr" tabindex="0"><code>{}</code></pre>', "\n".join(lines))


@register.filter
def breakable(email: str) -> SafeString:
    """An e-mail that, where it is too long for its place, breaks before its host."""
    name, at, host = email.rpartition("@")
    return format_html("{}<wbr>{}{}", name, at, host)


@register.filter
def flat(text: str) -> str:
    """Text on one line."""
    return " ".join(text.split())


@register.simple_tag
def compared(old: str, new: str) -> SafeString:
    """Both texts in one, with what was taken out and put in marked word by word."""
    pieces = (format_html(MARKS_OF_CHANGE[kind], text) for kind, text in changes(old, new) if text)
    return format_html_join("", "{}", ((piece,) for piece in pieces))
