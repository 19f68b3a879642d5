"""What pages of the desk show: links between them, severity and status as badges, what people wrote, and times.

They are one library, which nearly every page loads. Charts, the inputs of forms and what a search has found have
libraries of their own, for the few pages that need them.

A badge has a shape and a word, so that nothing is told by colour alone. Times are told as people say them, from now,
with the exact time on hover and for screen readers. That is not done by django.contrib.humanize: it can say neither
"3 days late" nor "3 h", and it names two units ("2 days, 3 hours ago") where one is enough.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.html import escape, format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.templatetags.people import plain
from tickets.inbox import notifications
from tickets.models import SavedView
from tickets.texts.blocks import blocks
from tickets.texts.comparison import changes
from tickets.workflow import Severity, Status

register = template.Library()

# How many saved views the navigation shows; a link leads to the others.
MOST_IN_NAVIGATION = 8
# As many unread notifications as this are no longer counted exactly.
MOST_UNREAD = 100
MARKS_OF_CHANGE = {"same": "{}", "out": "<del>{}</del>", "in": "<ins>{}</ins>"}
# How many lines of a piece of code are shown before the rest has to be unfolded.
CODE_LINES = 30
# Lengths of time, in seconds.
MINUTE, HOUR, DAY = 60, 3600, 86_400
DAYS_IN_A_MONTH = 30.4


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """The present query with some parameters changed, and back on its first page; None takes one away."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def saved_views(context: template.Context) -> dict[str, Any]:
    """The views that stand in the navigation, whether there are `more`, and which one the list shows now (`here`)."""
    user = context["user"]
    found = list(SavedView.objects.visible_to(user).own_first(user)[: MOST_IN_NAVIGATION + 1])
    here = getattr(context.get("listing"), "canonical_query", None)
    shown = found[:MOST_IN_NAVIGATION]
    return {
        "views": shown,
        "more": len(found) > MOST_IN_NAVIGATION,
        "here": next((view.pk for view in shown if view.query == here), None),
    }


@register.simple_tag
def unread_notifications(user: User) -> str:
    """The number of unread notifications as the navigation shows it: empty for none, `99+` for many."""
    count = notifications.count_unread(user, limit=MOST_UNREAD)
    return f"{MOST_UNREAD - 1}+" if count == MOST_UNREAD else str(count or "")


@register.inclusion_tag("includes/severity.html")
def severity(value: str) -> dict[str, Any]:
    """A gauge of one to five steps, and the word."""
    level = Severity(value)
    steps = [{"x": 1 + 3 * i, "y": 11 - 2 * i, "height": 3 + 2 * i, "on": i <= level.rank} for i in range(5)]
    return {"level": level, "steps": steps}


@register.inclusion_tag("includes/status.html")
def status(value: str) -> dict[str, Any]:
    """A shape that fills as the ticket moves on, and the word."""
    return {"status": Status(value)}


@register.filter
def linked(text: str) -> SafeString:
    """Text with its addresses as links."""
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # noqa: S308  # nosec B308 B703 # urlize escapes


@register.simple_tag
def formatted(text: str) -> SafeString:
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
def flat(text: str) -> str:
    """Text on one line."""
    return " ".join(text.split())


@register.simple_tag
def compared(old: str, new: str) -> SafeString:
    """Both texts in one, with what was taken out and put in marked word by word."""
    pieces = (format_html(MARKS_OF_CHANGE[kind], text) for kind, text in changes(old, new) if text)
    return format_html_join("", "{}", ((piece,) for piece in pieces))


class Moments:
    """Times of one page, each as `moment` shows it. What depends on who reads, and when, is looked up once for all."""

    def __init__(self) -> None:
        self.now, self.zone = timezone.now(), timezone.get_current_timezone()
        self.words: dict[tuple[int, str] | None, str] = {}
        self.months: dict[int, str] = {}

    def __call__(self, value: datetime) -> SafeString:
        seconds = (self.now - value).total_seconds()
        span = None if seconds < MINUTE else _span(seconds)
        words = self.words.get(span)
        if words is None:
            words = self.words[span] = escape(_ago(seconds))
        return self.time(value, words)

    def time(self, value: datetime, words: str, css: str = "") -> SafeString:
        """The element that says `words`, which are HTML."""
        local = value.astimezone(self.zone)
        month = self.months.get(local.month)
        if month is None:
            month = self.months[local.month] = escape(MONTHS_3[local.month].title())
        # As date_format(local, "j M Y, H:i") has it, which reads its format anew for each of dozens of times on a page.
        exact = f"{local.day} {month} {local:%Y, %H:%M} {local.tzname()}"
        return plain(
            f'<time datetime="{value.isoformat()}" title="{exact}" class="{css}">{words}'
            f'<span class="hidden-text">, {exact}</span></time>'
        )


@register.simple_tag
def moment(value: datetime) -> SafeString:
    """How long ago, with the exact time on hover and for screen readers."""
    return Moments()(value)


@register.simple_tag
def age(value: datetime) -> SafeString:
    """`3 h`: how long ago in as little room as a column has."""
    seconds = (timezone.now() - value).total_seconds()
    count, unit = _span(seconds)
    words = {
        "minute": _("%(count)d min"),
        "hour": _("%(count)d h"),
        "day": _("%(count)d d"),
        "month": _("%(count)d mo"),
    }
    return _time(value, _("now") if seconds < MINUTE else words[unit] % {"count": count})


@register.simple_tag
def due(value: datetime, done: bool = False) -> SafeString:
    """`in 2 days`, or `3 days late` where it is still to be done."""
    left = (value - timezone.now()).total_seconds()
    if left >= 0:
        return _time(value, _("in %(time)s") % {"time": _length(left)})
    if done:
        return _time(value, _ago(-left))
    return _time(value, _("%(time)s late") % {"time": _length(-left)}, css="late")


@register.filter
def duration(value: timedelta | None) -> str:
    """`5 hours`; a dash for None."""
    return "–" if value is None else _length(value.total_seconds())


def _time(value: datetime, words: str, css: str = "") -> SafeString:
    return Moments().time(value, escape(words), css)


def _ago(seconds: float) -> str:
    return _("just now") if seconds < MINUTE else _("%(time)s ago") % {"time": _length(seconds)}


def _length(seconds: float) -> str:
    count, unit = _span(seconds)
    match unit:  # only one of them is looked up, as a page has dozens of times
        case "minute":
            words = ngettext("%(count)d minute", "%(count)d minutes", count)
        case "hour":
            words = ngettext("%(count)d hour", "%(count)d hours", count)
        case "day":
            words = ngettext("%(count)d day", "%(count)d days", count)
        case _:
            words = ngettext("%(count)d month", "%(count)d months", count)
    return words % {"count": count}


def _span(seconds: float) -> tuple[int, str]:
    """A length of time as a count of the unit that people would choose."""
    if seconds < HOUR:
        return max(1, round(seconds / MINUTE)), "minute"
    if seconds < 1.5 * DAY:
        return round(seconds / HOUR), "hour"
    days = round(seconds / DAY)
    return (days, "day") if days < 60 else (round(days / DAYS_IN_A_MONTH), "month")
