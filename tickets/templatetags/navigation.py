"""Links through the desk: the saved views in the navigation, and the present page with another query."""

from __future__ import annotations

from typing import Any

from django import template

from tickets.models import SavedView

register = template.Library()

# How many saved views the navigation shows; a link leads to the others.
MOST_IN_NAVIGATION = 8


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
