"""REST: people, as anybody who is signed in may know of them, so that a client can name who is behind an id."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role
from accounts.people.finding import ACTIVE, MOST_SOUGHT, found_people, person_of
from accounts.people.serializers import PersonPageSerializer, PersonSerializer
from accounts.signing_in.tokens import signed_in
from config.api.openapi import PAGE_QUERY, described
from config.paging import PageRequest

PEOPLE_QUERY = [
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": MOST_SOUGHT, "pattern": r"^[^\u0000]*$"},
        description="Words that all stand in the name or the e-mail, whatever their case and accents.",
    ),
    OpenApiParameter("role", enum=Role.values),
    OpenApiParameter("active", enum=list(ACTIVE), description="Whether they can sign in."),
    *PAGE_QUERY,
]


class PeopleView(APIView):
    @described(
        "List people",
        operation_id="people_list",
        answer=PersonPageSerializer,
        errors=[400, 401],
        parameters=PEOPLE_QUERY,
        description="By e-mail. Whoever was deactivated stays, since tickets and history name them.",
    )
    def get(self, request: Request) -> Response:
        page, found = PageRequest.read(request.query_params), found_people(request.query_params)
        return Response(page.of(found, PersonSerializer, total=found.count()))


class OwnPersonView(APIView):
    @described("Oneself", answer=PersonSerializer, errors=[401])
    def get(self, request: Request) -> Response:
        return Response(PersonSerializer(signed_in(request)).data)


@extend_schema(parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)])
class PersonView(APIView):
    @described("One person", answer=PersonSerializer, errors=[401, 404])
    def get(self, request: Request, id: str) -> Response:
        return Response(PersonSerializer(person_of(id)).data)
