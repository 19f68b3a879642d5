"""How endpoints are described in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

PAGE_QUERY = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1, "default": 1}),
    OpenApiParameter(
        "pageSize", {"type": "integer", "minimum": 1, "default": 20}, description="Over 200 is taken as 200."
    ),
]

# Answers that any endpoint may give, whatever it does; 400 is that to a request which cannot be read as one at all.
COMMON_ERRORS = (400, 405, 413, 415, 500, 503)


class ErrorSerializer(serializers.Serializer[Any]):
    """The shape of every error."""

    statusCode = serializers.IntegerField()
    error = serializers.CharField(help_text="The HTTP reason phrase.")
    code = serializers.CharField(help_text="A stable word for programs.")
    message = serializers.CharField(help_text="A sentence for people.")
    fields = serializers.DictField(  # type: ignore[assignment]  # a declared field, taken off the class by DRF
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with which input.",
    )


class OperationSchema(AutoSchema):
    """Adds 429 where requests are counted, which the view says once for all its methods and `described` cannot see."""

    def _get_response_bodies(self, direction: Direction = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        if self.view.get_throttles() and self.view.get_authenticators():
            refused = OpenApiResponse(ErrorSerializer, description=HTTPStatus.TOO_MANY_REQUESTS.phrase)
            bodies.setdefault("429", self._get_response_for_code(refused, "429", direction=direction))  # type: ignore[no-untyped-call]  # drf-spectacular's own
        return dict(sorted(bodies.items()))


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    target_class = "accounts.signing_in.tokens.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class StrictBodies(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # untyped base
    """Says of bodies that unknown fields are refused."""

    target_class = "config.api.fields.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


def allow_empty_queries(result: Any, **more: Any) -> Any:
    """Say of every parameter of a query that an empty value counts as absent.

    A hook of drf-spectacular, which is called with the whole document, since its parameters have no word for this.
    """
    for operations in result["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    parameter["allowEmptyValue"] = True
    return result


def described(
    summary: str,
    *,
    answer: Any,
    errors: Iterable[int],
    body: Any = None,
    status: int = 200,
    media_type: str = "application/json",
    description: str | None = None,
    parameters: list[OpenApiParameter] | None = None,
    operation_id: str | None = None,
    error_shapes: Mapping[int, Any] | None = None,
    auth: list[str] | None = None,
    not_modified: bool = False,
    partial: bool = False,
) -> Callable[[Any], Any]:
    """Declare an operation: its body, its one successful answer, and each error status it may give.

    `error_shapes` are those of errors that carry more than every error does. `answer` and `body` are serializers or
    response objects, `media_type` is that of the answer; `auth` replaces the view's own security schemes,
    `not_modified` tells that 304 is an answer as well, which has no body, and `partial` that 206 is, with a part of it.
    """
    responses: dict[Any, Any] = {(status, media_type): answer}
    if partial:
        responses[(206, media_type)] = answer
    for code in sorted({*errors, *COMMON_ERRORS}):
        shape = (error_shapes or {}).get(code, ErrorSerializer)
        responses[code] = OpenApiResponse(shape, description=HTTPStatus(code).phrase)
    if not_modified:
        responses[304] = OpenApiResponse(description=HTTPStatus.NOT_MODIFIED.phrase)
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description,
        request=body,
        responses=responses,
        parameters=parameters,
        # Objects are what it writes down unchanged, whatever its annotation asks for.
        auth=None if auth is None else [{scheme: []} for scheme in auth],  # type: ignore[misc]  # as said above
    )
