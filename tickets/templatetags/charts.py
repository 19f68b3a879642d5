"""Charts as SVG. Shapes are measured in whole thousandths of the room that they have, whatever it is on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import template

from tickets.figures import Week

register = template.Library()

# The room that a shape has, whatever it measures on the page: a whole bar, the height of a column.
FULL = 1000
# Where the scale of a chart may end, times a power of ten. From 2 on, half of it is a whole number as well, which the
# scale names in the middle.
STEPS = (1, 2, 4, 6, 8, 10)


@register.inclusion_tag("includes/bar.html")
def bar(
    value: float | timedelta | None, most: float | timedelta | None, css: str = "", second: Any = None
) -> dict[str, Any]:
    """A bar as long as `value` is in comparison with `most`; `second`, where given, is a thin one behind it."""
    return {"length": _part(value, most), "second": _part(second, most), "css": css}


@register.filter
def percent(part: int, whole: int) -> str:
    """`72 %`, or a dash of nothing."""
    return f"{round(100 * part / whole)} %" if whole else "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A week with its two columns, each with its left edge, upper edge and height."""

    week: Week
    room: int
    created: tuple[int, int, int]
    closed: tuple[int, int, int]


@register.inclusion_tag("includes/weeks.html")
def weeks_chart(weeks: list[Week]) -> dict[str, Any]:
    """What was created beside what was closed, week by week."""
    top = scale_end(max(max(week.created, week.closed) for week in weeks))
    room = FULL // len(weeks)
    wide, gap = room * 3 // 10, room // 20

    def column(left: int, value: int) -> tuple[int, int, int]:
        height = _part(value, top)
        return left, FULL - height, height

    columns = [
        Column(
            week,
            i * room,
            column(i * room + room // 2 - gap - wide, week.created),
            column(i * room + room // 2 + gap, week.closed),
        )
        for i, week in enumerate(weeks)
    ]
    return {"columns": columns, "room": room, "wide": wide, "top": top, "half": top // 2 if top > 1 else None}


def scale_end(value: int) -> int:
    """The first round number that is not smaller."""
    power = 1
    while value > 10 * power:
        power *= 10
    return next(step * power for step in STEPS if step * power >= value)


def _part(value: Any, whole: Any) -> int:
    """The part in thousandths of the whole. What is not nothing gets six at least, so that it can be seen."""
    if not value or not whole:
        return 0
    share: float = value / whole
    return max(6, round(FULL * share))
