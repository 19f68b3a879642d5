"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

_making = threading.Lock()


def document() -> bytes:
    """The whole API as JSON; it does not change while the code runs.

    Made once in each process, by one thread: it takes a second, and drf-spectacular breaks where two do it at once.
    """
    with _making:
        return _made()


@cache
def _made() -> bytes:
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # untyped library
    return bytes(OpenApiJsonRenderer2().render(schema, renderer_context={}))


class SchemaView(SpectacularAPIView):
    """One document, whatever the query asks for."""

    renderer_classes = [OpenApiJsonRenderer2]  # application/json

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(document(), content_type="application/json")


class SwaggerView(SpectacularSwaggerSplitView):
    """The page loads its script from its own address, so that it needs no inline script."""

    url_name = "docs-json"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        if response.exception:
            final.accepted_renderer, final.accepted_media_type = JSONRenderer(), "application/json"
        return final
