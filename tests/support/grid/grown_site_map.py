"""The site map with an address and a method that the grid has no row for, to see that it finds both."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import MeView
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as ours

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class GrownMeView(MeView):
    def post(self, request: Request) -> Response:
        return Response({})


def grown(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("auth/me", GrownMeView.as_view()), path("desk/grown/<str:id>/", grown), *ours]
