"""REST: following a ticket."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.signing_in.tokens import signed_in
from config.api.openapi import described
from tickets.api import by_id, parse_id
from tickets.errors import TicketNotFound
from tickets.following import actions
from tickets.following.reading import following_of, with_following
from tickets.following.serializers import FollowingSerializer
from tickets.models import Ticket


def following(request: Request, id: str) -> Response:
    user = signed_in(request)
    tickets = Ticket.objects.visible_to(user).live().filter(pk=parse_id(id)).defer("description")
    ticket = with_following(tickets, user).first()
    if ticket is None:
        raise TicketNotFound
    return Response(FollowingSerializer(following_of(user, ticket)).data)


@by_id
class FollowingView(APIView):
    @described("Whether one follows a ticket, and why", answer=FollowingSerializer, errors=[401, 404])
    def get(self, request: Request, id: str) -> Response:
        return following(request, id)

    @described(
        "Follow a ticket",
        answer=FollowingSerializer,
        errors=[401, 404],
        description="Any live one. Followed already: nothing changes.",
    )
    def put(self, request: Request, id: str) -> Response:
        actions.follow_ticket(signed_in(request), parse_id(id))
        return following(request, id)

    @described(
        "Leave a ticket",
        answer=FollowingSerializer,
        errors=[401, 404],
        description="Remembered, whatever one does with the ticket afterwards. Left already: nothing changes.",
    )
    def delete(self, request: Request, id: str) -> Response:
        actions.leave_ticket(signed_in(request), parse_id(id))
        return following(request, id)
