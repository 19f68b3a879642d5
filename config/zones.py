"""The time zones of people."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class EndlessZone(ZoneInfo):
    """A time zone in which the first and the last hours of the calendar can be shown as well: in UTC."""

    def fromutc(self, dt: datetime, /) -> datetime:
        try:
            return super().fromutc(dt)
        except OverflowError:
            return dt


def person_zone(name: str) -> ZoneInfo:
    """The zone that a person chose; UTC where this machine does not know it."""
    try:
        return EndlessZone(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
