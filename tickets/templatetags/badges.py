"""Severity and status as badges: a shape and a word each, so that nothing is told by colour alone."""

from __future__ import annotations

from typing import Any

from django import template

from tickets.workflow import Severity, Status

register = template.Library()


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
