"""REST: `GET /events`, by which other systems follow what happens to tickets."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.openapi import described
from config.errors import InvalidInput
from config.paging import is_count
from tickets.events.cursors import BEGINNING, Cursor
from tickets.events.reading import events_after
from tickets.events.serializers import EventPageSerializer, event_json

MOST_EVENTS, USUAL_EVENTS = 1000, 100
EVENTS_QUERY = [
    OpenApiParameter("after", description="A `cursor` or `next` of an earlier answer. Without it, from the beginning."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS, "default": USUAL_EVENTS}),
]


class EventsView(APIView):
    @described(
        "Read along what happens to all tickets",
        answer=EventPageSerializer,
        errors=[400, 401],
        parameters=EVENTS_QUERY,
        description="In an order in which nothing ever appears behind a cursor that was given out.",
    )
    def get(self, request: Request) -> Response:
        after, limit = read_query(request.query_params)
        events = events_after(after, limit=limit)
        last = events[-1].cursor if events else after
        return Response({"items": [event_json(event) for event in events], "next": str(last)})


def read_query(query: Mapping[str, str]) -> tuple[Cursor, int]:
    """`after` and `limit`; an empty value counts as absent. Raises InvalidInput."""
    bad = {}
    after, limit = BEGINNING, query.get("limit") or str(USUAL_EVENTS)
    if text := query.get("after"):
        try:
            after = Cursor.parse(text)
        except ValueError:
            bad["after"] = [_("Write a cursor as an earlier answer had it, or leave it out.")]
    if not is_count(limit) or int(limit) > MOST_EVENTS:
        bad["limit"] = [_("Write a whole number from 1 to %(most)s.") % {"most": MOST_EVENTS}]
    if bad:
        raise InvalidInput(bad)
    return after, int(limit)
