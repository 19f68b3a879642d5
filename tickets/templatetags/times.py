"""Times as people say them, from now: with the exact time on hover and for screen readers.

Not by django.contrib.humanize: it can say neither "3 days late" nor "3 h", and it names two units ("2 days, 3 hours
ago") where one is enough.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

# Lengths in seconds.
MINUTE, HOUR, DAY = 60, 3600, 86_400
DAYS_IN_A_MONTH = 30.4


@register.simple_tag
def moment(value: datetime) -> SafeString:
    """How long ago, with the exact time on hover and for screen readers."""
    return _time(value, _ago((timezone.now() - value).total_seconds()))


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
    local = timezone.localtime(value)
    exact = f"{date_format(local, 'j M Y, H:i')} {local.tzname()}"
    return format_html(
        '<time datetime="{}" title="{}" class="{}">{}<span class="hidden-text">, {}</span></time>',
        value.isoformat(),
        exact,
        css,
        words,
        exact,
    )


def _ago(seconds: float) -> str:
    return _("just now") if seconds < MINUTE else _("%(time)s ago") % {"time": _length(seconds)}


def _length(seconds: float) -> str:
    count, unit = _span(seconds)
    words = {
        "minute": ngettext("%(count)d minute", "%(count)d minutes", count),
        "hour": ngettext("%(count)d hour", "%(count)d hours", count),
        "day": ngettext("%(count)d day", "%(count)d days", count),
        "month": ngettext("%(count)d month", "%(count)d months", count),
    }
    return words[unit] % {"count": count}


def _span(seconds: float) -> tuple[int, str]:
    """A length of time as a count of the unit that people would choose."""
    if seconds < HOUR:
        return max(1, round(seconds / MINUTE)), "minute"
    if seconds < 1.5 * DAY:
        return round(seconds / HOUR), "hour"
    days = round(seconds / DAY)
    return (days, "day") if days < 60 else (round(days / DAYS_IN_A_MONTH), "month")
