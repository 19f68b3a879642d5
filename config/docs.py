"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response


@cache
def document() -> Any:
    """The whole API; it does not change while the code runs."""
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # untyped library


class SchemaView(SpectacularAPIView):
    """One document, whatever the query asks for."""

    renderer_classes = [OpenApiJsonRenderer2]  # application/json

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(document())


class SwaggerView(SpectacularSwaggerSplitView):
    """The page loads its script from its own address, so that it needs no inline script."""

    url_name = "docs-json"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        if response.exception:
            final.accepted_renderer, final.accepted_media_type = JSONRenderer(), "application/json"
        return final
