"""REST: tickets and what one does with them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency.requests import KEYED, KEYED_ERRORS, OnceView, once
from accounts.models import User
from accounts.permissions import IsManager, require_manager
from accounts.signing_in.tokens import signed_in
from config.api.openapi import PAGE_QUERY, described
from config.api.preconditions import IF_MATCH, IF_NONE_MATCH, TAGGED, has_tag, has_version, tag_of, versions_to_match
from config.errors import DomainError
from config.ids import UUID_FORM, id_in_path
from config.paging import PageRequest
from tickets import actions
from tickets.bulk import BULK_ACTIONS, BulkAction, act_on_each
from tickets.errors import ChangedMeanwhile, TicketNotFound
from tickets.listing.filters import COMMENTS, SORT_CHOICES, WAITING_FOR, TicketFilter
from tickets.listing.tag import tag_of_list
from tickets.models import Ticket
from tickets.search.queries import MAX_QUERY_LENGTH
from tickets.serializers import (
    BulkResultSerializer,
    BulkSerializer,
    ChangedMeanwhileSerializer,
    EditSerializer,
    EntrySerializer,
    NewTicketSerializer,
    ReviewSerializer,
    TicketPageSerializer,
    TicketSerializer,
)
from tickets.workflow import Severity, Status

by_id = extend_schema(parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)])
SOMEBODY = {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "string", "enum": ["me"]}]}
LIST_QUERY = [
    OpenApiParameter("status", enum=Status.values),
    OpenApiParameter("severity", enum=Severity.values),
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": MAX_QUERY_LENGTH},
        description="Text anywhere in title, description or number, whatever its case.",
    ),
    OpenApiParameter("in", enum=[COMMENTS], description="Has `q` look into comments as well."),
    OpenApiParameter("createdBy", SOMEBODY, description="The id of a person, or `me`."),
    OpenApiParameter("reviewedBy", SOMEBODY, description="Who decided last: the id of a person, or `me`."),
    OpenApiParameter(
        "waitingFor",
        enum=WAITING_FOR,
        description="Drafts that wait for their author's answer to a manager's question, or those that do not.",
    ),
    OpenApiParameter("dueBefore", OpenApiTypes.DATETIME, description="Exclusive."),
    OpenApiParameter("updatedSince", OpenApiTypes.DATETIME, description="Inclusive."),
    OpenApiParameter("sort", enum=[value for value, _ in SORT_CHOICES], description="`-` for descending."),
    *PAGE_QUERY,
]


LIST_TAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200], description="Another one once anything happened to a ticket."
)


def read_body(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The body in the shape of the serializer. Raises DRF's ValidationError."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    validated: dict[str, Any] = body.validated_data
    return validated


def parse_id(text: str) -> uuid.UUID:
    """The id in a path. Raises TicketNotFound for one that no ticket can have."""
    return id_in_path(text, TicketNotFound)


def live_ticket(request: Request, id: str) -> Ticket:
    """The ticket of this id. Raises TicketNotFound where it may not be seen, and for all deleted ones."""
    ticket = Ticket.objects.visible_to(signed_in(request)).live().filter(pk=parse_id(id)).first()
    if ticket is None:
        raise TicketNotFound
    return ticket


def one_ticket(ticket: Ticket, status: int = 200) -> Response:
    """The answer that is one ticket, with its tag."""
    return Response(TicketSerializer(ticket).data, status=status, headers={"ETag": tag_of(ticket.version)})


def described_change(summary: str, *, is_keyed: bool = False, **more: Any) -> Callable[[Any], Any]:
    """As `described`, for what changes one ticket if it is the version that the request expects.

    `is_keyed` is for what may carry a key.
    """
    return described(
        summary,
        answer=TicketSerializer,
        errors=[400, 401, 403, 404, 412, *(KEYED_ERRORS if is_keyed else [])],
        error_shapes={412: ChangedMeanwhileSerializer},
        parameters=[IF_MATCH, *([KEYED] if is_keyed else []), *TAGGED],
        **more,
    )


def action_of(body: dict[str, Any]) -> BulkAction:
    """The action that a body of ReviewSerializer or BulkSerializer asks for."""
    if body["action"] == ReviewSerializer.CHANGE_SEVERITY:
        return partial(actions.change_severity, severity=body.get("severity"), reason=body.get("reason"))
    return BULK_ACTIONS[body["action"].lower()]


def asks_for(request: Request, names: Collection[str]) -> bool:
    """Whether the body, whatever else is in it, asks for one of these actions."""
    return isinstance(request.data, Mapping) and request.data.get("action") in names


def outcome(id: str, refusal: DomainError | None) -> dict[str, Any]:
    told = {"code": refusal.code, "message": str(refusal.message)} if refusal else {"code": None, "message": None}
    return {"id": id, "ok": refusal is None, **told}


class OneTicketView(APIView):
    """What answers with one ticket, or says how it is now to whoever expected another version of it."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, ChangedMeanwhile):
            sees_it = Ticket.objects.visible_to(signed_in(self.request)).filter(pk=exc.ticket.pk).exists()
            exc.details = {"ticket": TicketSerializer(exc.ticket).data if sees_it else None}
            self.headers["ETag"] = tag_of(exc.ticket.version)
        return super().handle_exception(exc)


class TicketListView(OnceView):
    @described(
        "List tickets",
        operation_id="tickets_list",
        answer=TicketPageSerializer,
        errors=[400, 401],
        parameters=[*LIST_QUERY, IF_NONE_MATCH, LIST_TAG],
        not_modified=True,
    )
    def get(self, request: Request) -> Response:
        page = PageRequest.read(request.query_params)
        user = signed_in(request)
        asked = TicketFilter(request.query_params, queryset=Ticket.objects.visible_to(user).live(), user=user)
        found = asked.found()
        tag = tag_of_list(request.query_params, user)
        headers = {"ETag": tag} if tag else {}
        if tag and has_tag(request, tag):
            return Response(status=304, headers=headers)
        return Response(page.of(found, TicketSerializer, total=asked.total()), headers=headers)

    @described(
        "Create a ticket",
        body=NewTicketSerializer,
        answer=TicketSerializer,
        status=201,
        errors=[400, 401, *KEYED_ERRORS],
        parameters=[KEYED, *TAGGED],
    )
    def post(self, request: Request) -> HttpResponse:
        fields = read_body(NewTicketSerializer, request)
        return once(request, lambda: one_ticket(actions.create_ticket(signed_in(request), **fields), status=201))


@by_id
class TicketView(OneTicketView):
    @described(
        "One ticket",
        answer=TicketSerializer,
        errors=[401, 404],
        parameters=[IF_NONE_MATCH, *TAGGED],
        not_modified=True,
    )
    def get(self, request: Request, id: str) -> Response:
        ticket = live_ticket(request, id)
        if has_version(request, ticket.version):
            return Response(status=304, headers={"ETag": tag_of(ticket.version)})
        return one_ticket(ticket)

    @described_change("Edit and resubmit", body=EditSerializer)
    def patch(self, request: Request, id: str) -> Response:
        texts, version = read_body(EditSerializer, request), versions_to_match(request)
        return one_ticket(actions.edit_ticket(signed_in(request), parse_id(id), **texts, version=version))

    @described_change("Delete softly")
    def delete(self, request: Request, id: str) -> Response:
        version = versions_to_match(request)
        return one_ticket(actions.delete_ticket(signed_in(request), parse_id(id), version=version))


@by_id
class ReviewView(OneTicketView):
    permission_classes = [IsManager]

    @described_change("Approve, or change severity", body=ReviewSerializer)
    def patch(self, request: Request, id: str) -> Response:
        review, version = read_body(ReviewSerializer, request), versions_to_match(request)
        return one_ticket(action_of(review)(signed_in(request), parse_id(id), version=version))


@by_id
class RestoreView(OnceView, OneTicketView):
    @described_change("Restore a deleted ticket", status=201, is_keyed=True)
    def post(self, request: Request, id: str) -> HttpResponse:
        version = versions_to_match(request)

        def restore() -> Response:
            return one_ticket(actions.restore_ticket(signed_in(request), parse_id(id), version=version), status=201)

        return once(request, restore)


class BulkView(OnceView):
    @described(
        "Do the same to many tickets",
        body=BulkSerializer,
        answer=BulkResultSerializer,
        status=201,
        errors=[400, 401, 403, *KEYED_ERRORS],
        parameters=[KEYED],
        description="Each ticket by itself: what is refused for one does not keep the others from being done.",
    )
    def post(self, request: Request) -> HttpResponse:
        user = signed_in(request)
        if asks_for(request, BulkSerializer.REVIEWS):
            require_manager(user)
        body = read_body(BulkSerializer, request)
        return once(request, partial(self.act, user, body))

    def act(self, user: User, body: dict[str, Any]) -> Response:
        versions = body.get("versions", {})
        keys = {id: uuid.UUID(id) for id in body["ids"] if UUID_FORM.fullmatch(id)}
        outcomes = act_on_each(user, action_of(body), {key: versions.get(id) for id, key in keys.items()})
        gone = TicketNotFound()
        refusals = {outcome.ticket.pk: outcome.refusal for outcome in outcomes}
        told = [(id, refusals.get(keys[id], gone) if id in keys else gone) for id in body["ids"]]
        return Response({"results": [outcome(id, refusal) for id, refusal in told]}, status=201)


@by_id
class HistoryView(APIView):
    @described("What happened to a ticket", answer=EntrySerializer(many=True), errors=[401, 404])
    def get(self, request: Request, id: str) -> Response:
        entries = live_ticket(request, id).history.newest_first()
        return Response(EntrySerializer(entries, many=True).data)
