"""REST: tickets and what one does with them."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsManager
from accounts.signing_in.tokens import signed_in
from config.api.openapi import PAGE_QUERY, described
from config.rest import Page, parse_uuid
from tickets import actions
from tickets.errors import TicketNotFound
from tickets.listing.filters import SORT_CHOICES, TicketFilter
from tickets.models import HistoryEntry, Ticket
from tickets.search.folding import MAX_QUERY_LENGTH
from tickets.serializers import (
    EditSerializer,
    EntrySerializer,
    NewTicketSerializer,
    ReviewSerializer,
    TicketPageSerializer,
    TicketSerializer,
)
from tickets.workflow import Severity, Status

by_id = extend_schema(parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)])
LIST_QUERY = [
    OpenApiParameter("status", enum=Status.values),
    OpenApiParameter("severity", enum=Severity.values),
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": MAX_QUERY_LENGTH},
        description="Text anywhere in title, description or number, whatever its case.",
    ),
    OpenApiParameter("createdBy", description="The id of a person, or `me`."),
    OpenApiParameter("dueBefore", OpenApiTypes.DATETIME, description="Exclusive."),
    OpenApiParameter("updatedSince", OpenApiTypes.DATETIME, description="Inclusive."),
    OpenApiParameter("sort", enum=[value for value, _ in SORT_CHOICES], description="`-` for descending."),
    *PAGE_QUERY,
]


def read_body(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The body in the shape of the serializer. Raises DRF's ValidationError."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    validated: dict[str, Any] = body.validated_data
    return validated


def parse_id(text: str) -> uuid.UUID:
    """The id in a path. Raises TicketNotFound for one that no ticket can have."""
    try:
        return parse_uuid(text)
    except ValueError:
        raise TicketNotFound from None


def live_ticket(id: str) -> Ticket:
    ticket = Ticket.objects.live().filter(pk=parse_id(id)).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


class TicketListView(APIView):
    @described(
        "List tickets",
        operation_id="tickets_list",
        answer=TicketPageSerializer,
        errors=[400, 401],
        parameters=LIST_QUERY,
    )
    def get(self, request: Request) -> Response:
        page = Page.read(request.query_params)
        asked = TicketFilter(request.query_params, queryset=Ticket.objects.live(), user=signed_in(request))
        return Response(page.of(asked.found(), TicketSerializer, total=asked.total()))

    @described("Create a ticket", body=NewTicketSerializer, answer=TicketSerializer, status=201, errors=[400, 401])
    def post(self, request: Request) -> Response:
        ticket = actions.create_ticket(signed_in(request), **read_body(NewTicketSerializer, request))
        return Response(TicketSerializer(ticket).data, status=201)


@by_id
class TicketView(APIView):
    @described("One ticket", answer=TicketSerializer, errors=[401, 404])
    def get(self, request: Request, id: str) -> Response:
        return Response(TicketSerializer(live_ticket(id)).data)

    @described("Edit and resubmit", body=EditSerializer, answer=TicketSerializer, errors=[400, 401, 403, 404])
    def patch(self, request: Request, id: str) -> Response:
        texts = read_body(EditSerializer, request)
        return Response(TicketSerializer(actions.edit_ticket(signed_in(request), parse_id(id), **texts)).data)

    @described("Delete softly", answer=TicketSerializer, errors=[400, 401, 403, 404])
    def delete(self, request: Request, id: str) -> Response:
        return Response(TicketSerializer(actions.delete_ticket(signed_in(request), parse_id(id))).data)


@by_id
class ReviewView(APIView):
    permission_classes: list[type[BasePermission]] = [IsAuthenticated, IsManager]

    @described(
        "Approve, or change severity", body=ReviewSerializer, answer=TicketSerializer, errors=[400, 401, 403, 404]
    )
    def patch(self, request: Request, id: str) -> Response:
        review = read_body(ReviewSerializer, request)
        if review.pop("action") == ReviewSerializer.APPROVE:
            ticket = actions.approve_ticket(signed_in(request), parse_id(id))
        else:
            ticket = actions.change_severity(
                signed_in(request), parse_id(id), severity=review.get("severity"), reason=review.get("reason")
            )
        return Response(TicketSerializer(ticket).data)


@by_id
class RestoreView(APIView):
    @described("Restore a deleted ticket", answer=TicketSerializer, status=201, errors=[400, 401, 403, 404])
    def post(self, request: Request, id: str) -> Response:
        return Response(TicketSerializer(actions.restore_ticket(signed_in(request), parse_id(id))).data, status=201)


@by_id
class HistoryView(APIView):
    @described("What happened to a ticket", answer=EntrySerializer(many=True), errors=[401, 404])
    def get(self, request: Request, id: str) -> Response:
        entries = HistoryEntry.objects.filter(ticket=live_ticket(id)).newest_first()
        return Response(EntrySerializer(entries, many=True).data)
