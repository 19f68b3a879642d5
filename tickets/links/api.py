"""REST: links between tickets."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency.requests import KEYED, KEYED_ERRORS, OnceView, once
from accounts.signing_in.tokens import signed_in
from config.api.openapi import described
from config.ids import id_in_path
from tickets.api import by_id, live_ticket, parse_id, read_body
from tickets.links import actions
from tickets.links.errors import LinkNotFound
from tickets.links.models import LinkKind, TicketLink
from tickets.links.serializers import LinkSerializer, NewLinkSerializer
from tickets.models import Ticket


@by_id
class LinkListView(OnceView):
    @described(
        "The tickets that a ticket is linked with",
        answer=LinkSerializer(many=True),
        errors=[401, 404],
        description="Oldest link first, whichever of the two tickets it was made at, seen from the one in the path.",
    )
    def get(self, request: Request, id: str) -> Response:
        ticket = live_ticket(request, id)
        live = Ticket.objects.visible_to(signed_in(request)).live()
        links = TicketLink.objects.of(ticket.pk).among(live).oldest_first()
        return Response(LinkSerializer([link.seen_from(ticket.pk) for link in links], many=True).data)

    @described(
        "Link two tickets",
        body=NewLinkSerializer,
        answer=LinkSerializer,
        status=201,
        errors=[400, 401, 404, *KEYED_ERRORS],
        parameters=[KEYED],
        description="Both tickets and their versions stay as they are. Linked in this way already: 409.",
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        return once(request, partial(self.add, request, id, **read_body(NewLinkSerializer, request)))

    def add(self, request: Request, id: str, *, other_id: str, kind: str) -> Response:
        ticket_id = parse_id(id)
        link = actions.add_link(signed_in(request), ticket_id, other_id=parse_id(other_id), kind=LinkKind(kind))
        return Response(LinkSerializer(link.seen_from(ticket_id)).data, status=201)


@by_id
class LinkView(APIView):
    @described(
        "Part two tickets",
        answer=LinkSerializer,
        errors=[401, 403, 404],
        description="One's own link, or as a manager any. Answers what it was, as its first ticket saw it.",
    )
    def delete(self, request: Request, id: str) -> Response:
        link = actions.remove_link(signed_in(request), id_in_path(id, LinkNotFound))
        return Response(LinkSerializer(link.seen_from(link.source_id)).data)
