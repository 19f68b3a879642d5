"""The canned texts beside a field into which they can be put."""

from __future__ import annotations

from typing import Any

from django import template

from tickets.canned.filling import offered_texts
from tickets.models import Ticket

register = template.Library()


@register.inclusion_tag("tickets/canned_choice.html", takes_context=True)
def canned_texts(context: template.Context, ticket: Ticket, *, field: str) -> dict[str, Any]:
    """For managers, inside the form of the field of this id: a list of the texts, which come once somebody turns to it.

    Without JavaScript `insert` asks for them, and then the page is asked for with the field's id as `canned`, or shown
    with that in its context.
    """
    asked = field in (context["request"].GET.get("canned"), context.get("canned"))
    texts = offered_texts(context["user"], ticket) if asked else []
    return {"asked": asked, "texts": texts, "field": field, "ticket": ticket}
